/**
 * How much the core weighs in a bundle of somebody who uses it.
 * @module
 */
import { gzipSync } from "node:zlib";
import { build } from "esbuild";

/** What the core should weigh, minified and gzipped; it does not yet. */
export const CORE_AIM = 6144;

/** What it may weigh meanwhile: lowered whenever it gets lighter, and never raised. */
export const CORE_LIMIT = 16_400;

/** How the check is called. */
export const CORE_SAYS: string = `weight of the core, at most ${CORE_LIMIT} bytes (the aim is ${CORE_AIM})`;

/** What a bundle of the core is like. */
export interface CoreBundle {
  /** Bytes, minified and gzipped. */
  readonly bytes: number;
  /** What the bundle still imports: there should be nothing. */
  readonly imports: readonly string[];
}

/** Bundles all that the given entry point exports, for no platform in particular. */
export async function bundleCore(entry: string, resolveDir: string): Promise<CoreBundle> {
  const { outputFiles, metafile } = await build({
    stdin: { contents: `export * from ${JSON.stringify(entry)}`, resolveDir },
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

/** Says what is wrong with a bundle. */
export function coreProblems({ bytes, imports }: CoreBundle): string[] {
  return [
    ...imports.map((path) => `the core's bundle imports "${path}"`),
    ...(bytes > CORE_LIMIT
      ? [`the core is ${bytes} bytes, minified and gzipped: more than ${CORE_LIMIT}`]
      : []),
  ];
}
