/**
 * Test files of vitest as one module, for runtimes that vitest itself does not start in: bundled with its
 * collector and its `expect`.
 * @module
 */
import { SourceMap, type SourceOrigin } from "node:module";
import { join } from "node:path";
import { build } from "esbuild";
import { root } from "../tools.ts";
import type { Report } from "./report.ts";

/** A module, and where in the sources each line of it comes from. */
export interface Bundle {
  readonly code: string;
  readonly map: SourceMap;
}

/** How a bundle is made. */
export interface BundleOptions {
  /** The module's text; `files` in it is the table of the test files, `./test/bundled/harness.ts` runs one. */
  readonly entry: string;
  /** What packages are asked for, such as `["worker"]`. Default nothing. */
  readonly conditions?: readonly string[];
  /** What is left to the runtime, such as `["node:*"]`. Default nothing. */
  readonly external?: readonly string[];
}

/** Bundles the test files; none of them is loaded before it is run. */
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

/** Says where in the sources a failure was, and leaves out what was in vitest. `name` is the bundle's file. */
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
