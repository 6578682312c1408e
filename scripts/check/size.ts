/**
 * Checks the size of the core in the bundle of a user.
 * @module
 */
import { gzipSync } from "node:zlib";
import { build } from "esbuild";

/** A bundle that a user may make, and its most bytes, minified and gzipped. */
export interface SizeLimit {
  readonly says: string;
  /** The exports in the bundle, as in `export { … } from "sitebus"`, or `*`. */
  readonly names: string;
  readonly bytes: number;
}

/** The limits for the core. They are lowered whenever the core gets smaller, and raised for the mend of a fault alone. The aims are 15 000 and 16 500 bytes. */
export const CORE_LIMITS: readonly SizeLimit[] = [
  { says: "{ ProcessBus, inline }", names: "{ ProcessBus, inline }", bytes: 19_985 },
  { says: "all of the core", names: "*", bytes: 22_620 },
];

/** The description of the check. */
export const CORE_SAYS: string = `weight of the core: ${
  CORE_LIMITS.map(({ says, bytes }) => `${says} at most ${bytes} bytes`).join(", ")
}`;

/** The result of bundling. */
export interface CoreBundle {
  /** Bytes, minified and gzipped. */
  readonly bytes: number;
  /** The imports that are left in the bundle; there should be none. */
  readonly imports: readonly string[];
}

/** Bundles the exports `names` of an entry point, for no platform in particular. */
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

/** Makes each bundle that has a limit, and returns the problems. */
export async function checkSize(entry: string, resolveDir: string): Promise<string[]> {
  const problems = await Promise.all(
    CORE_LIMITS.map(async (limit) => sizeProblems(await bundleCore(entry, resolveDir, limit.names), limit)),
  );
  return problems.flat();
}

/** Returns the problems of one bundle. */
export function sizeProblems({ bytes, imports }: CoreBundle, limit: SizeLimit): string[] {
  return [
    ...imports.map((path) => `the bundle of ${limit.says} imports "${path}"`),
    ...(bytes > limit.bytes
      ? [`${limit.says}: ${bytes} bytes, minified and gzipped, are more than ${limit.bytes}`]
      : []),
  ];
}
