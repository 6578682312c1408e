/**
 * Bundles test files of vitest into one module, with vitest's collector and its `expect`, for runtimes on which vitest itself
 * does not run.
 * @module
 */
import { SourceMap, type SourceOrigin } from "node:module";
import { join } from "node:path";
import { build } from "esbuild";
import { root } from "../tools.ts";
import type { Report } from "./report.ts";

/** A module and its source map. */
export interface Bundle {
  readonly code: string;
  readonly map: SourceMap;
}

/** How a bundle is made. */
export interface BundleOptions {
  /** The source of the entry module. The variable `files` is the table of test files; `./test/bundled/harness.ts` runs one. */
  readonly entry: string;
  /** The conditions for the exports of packages, such as `["worker"]`. Default none. */
  readonly conditions?: readonly string[];
  /** The modules that are not bundled, since the runtime has them, such as `["node:*"]`. Default none. */
  readonly external?: readonly string[];
}

/** Bundles the test files. A test file is loaded only when it is run. */
export async function bundleTests(
  files: readonly string[],
  { entry, conditions = [], external = [] }: BundleOptions,
): Promise<Bundle> {
  const tests = files.map((path) => `${JSON.stringify(path)}: () => import(${JSON.stringify(`./${path}`)}),`);
  const { outputFiles } = await build({
    stdin: { resolveDir: root, contents: `const files = { ${tests.join("\n")} };\n${entry}` },
    bundle: true,
    format: "esm",
    platform: "neutral",
    mainFields: ["module", "main"],
    conditions: [...conditions],
    external: [...external],
    target: "es2023",
    keepNames: true,
    sourcemap: "external",
    outfile: join(root, "bundle.js"),
    write: false,
    logLevel: "silent",
  });
  const [map, code] = outputFiles.map(({ text }) => text);
  return { code: code ?? "", map: new SourceMap(JSON.parse(map ?? "{}")) };
}

/** Translates a stack to places in the sources, without the lines of vitest. `name` is the bundle's file. */
export function withSources<R extends Report>(report: R, { map }: Bundle, name: string): R {
  const failures = report.failures.map(({ name: test, message }) => {
    const lines = message.split("\n").flatMap((line) => {
      const [, place, row, column] = /^ +at .*?([\w.]+):(\d+):(\d+)\)?$/.exec(line) ?? [];
      if (place !== name) return [line];
      const { fileName, lineNumber } = map.findOrigin(Number(row), Number(column)) as Partial<SourceOrigin>;
      return fileName === undefined || fileName.includes("node_modules/")
        ? []
        : [`    at ${fileName}:${lineNumber}`];
    });
    return { name: test, message: lines.join("\n") };
  });
  return { ...report, failures };
}
