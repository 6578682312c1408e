/**
 * How much the core weighs in a bundle of somebody who uses it.
 * @module
 */
import { gzipSync } from "node:zlib";
import { build } from "esbuild";

/** Something that a user may bundle, and the bytes that it weighs at most, minified and gzipped. */
export interface SizeLimit {
  readonly says: string;
  /** What stands in the braces of `export { … } from "sitebus"`, or `*`. */
  readonly names: string;
  readonly bytes: number;
}

/** What the core may weigh: lowered whenever it gets lighter, and never raised. The aims are 15 000 and 16 500 bytes. */
export const CORE_LIMITS: readonly SizeLimit[] = [
  { says: "{ ProcessBus, inline }", names: "{ ProcessBus, inline }", bytes: 20_100 },
  { says: "all of the core", names: "*", bytes: 22_800 },
];

/** How the check is called. */
export const CORE_SAYS: string = `weight of the core: ${
  CORE_LIMITS.map(({ says, bytes }) => `${says} at most ${bytes} bytes`).join(", ")
}`;

/** What a bundle is like. */
export interface CoreBundle {
  /** Bytes, minified and gzipped. */
  readonly bytes: number;
  /** What the bundle still imports: there should be nothing. */
  readonly imports: readonly string[];
}

/** Bundles what `names` says of an entry point, for no platform in particular. */
export async function bundleCore(entry: string, resolveDir: string, names = "*"): Promise<CoreBundle> {
  const { outputFiles, metafile } = await build({
    stdin: { contents: `export ${names} from ${JSON.stringify(entry)}`, resolveDir },
    bundle: true,
    minify: true,
    format: "esm",
    platform: "neutral",
    target: "es2022",
    external: ["node:*"],
    metafile: true,
    write: false,
    logLevel: "silent",
  });
  const imports = Object.values(metafile.outputs).flatMap((output) => output.imports.map(({ path }) => path));
  return { bytes: gzipSync(outputFiles[0]?.contents ?? "", { level: 9 }).length, imports };
}

/** Bundles the core in each way that has a limit, and says what is wrong with the bundles. */
export async function checkSize(entry: string, resolveDir: string): Promise<string[]> {
  const problems = await Promise.all(
    CORE_LIMITS.map(async (limit) => sizeProblems(await bundleCore(entry, resolveDir, limit.names), limit)),
  );
  return problems.flat();
}

/** Says what is wrong with one bundle. */
export function sizeProblems({ bytes, imports }: CoreBundle, limit: SizeLimit): string[] {
  return [
    ...imports.map((path) => `the bundle of ${limit.says} imports "${path}"`),
    ...(bytes > limit.bytes
      ? [`${limit.says}: ${bytes} bytes, minified and gzipped, are more than ${limit.bytes}`]
      : []),
  ];
}
