/**
 * Runs the repository's own tests of the core and of the examples with the installed package in place of the sources.
 * @module
 */
import { cpSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import ts from "typescript";
import { programProblems, type Step } from "../_steps.ts";
import { inModules, requireTool, root } from "../tools.ts";
import { listFiles } from "../check/sources.ts";
import { type Runtime, RUNTIMES } from "./_runtimes.ts";
import { type NpmBuildOptions, outputPath } from "./options.ts";

const RUN_MS = 150_000;

/** The runtimes: each engine once. Of Node only the oldest version, on which `npm test` does not run. */
const CORE_RUNTIMES = RUNTIMES.filter(({ name }) => ["node20", "deno", "bun"].includes(name));

/** Returns the steps for the package that is installed in `consumer`, and makes the folder in which they run. */
export function suiteSteps(folder: string, consumer: string, options: NpmBuildOptions): Step[] {
  mirror(folder, consumer, options);
  const files = listFiles(root).filter((path) =>
    path.startsWith("test/") && path.endsWith("examples.test.ts")
  );
  const step = (runtime: Runtime, says: string, files: readonly string[]): Step => ({
    name: runtime.name,
    says,
    run: () => run(runtime, folder, files),
  });
  return [
    ...CORE_RUNTIMES.map((runtime) => step(runtime, "the core's tests", ["test/src/"])),
    ...RUNTIMES.map((runtime) => step(runtime, "the tests of the examples", files)),
  ];
}

/** Copies the repository without its sources. Each entry point is replaced by a file that exports the installed package's. */
function mirror(folder: string, consumer: string, options: NpmBuildOptions): void {
  const { package: { name } } = options;
  for (const path of ["test", "examples", "README.md", "vitest.config.ts", "scripts/patience.ts"]) {
    cpSync(join(root, path), join(folder, path), { recursive: true });
  }
  mkdirSync(join(folder, "node_modules"));
  for (const module of readdirSync(inModules(""))) {
    if (!module.startsWith(".")) symlinkSync(inModules(module), join(folder, "node_modules", module));
  }
  symlinkSync(join(consumer, "node_modules", name), join(folder, "node_modules", name));
  for (const { kind, name: entry, path } of options.entryPoints) {
    const target = kind === "bin"
      ? `../node_modules/${name}/${outputPath(path, ".js").slice(2)}`
      : `${name}${entry.slice(1)}`;
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), `export * from "${target}";\n`);
  }
  const manifest = { name: "mirror", private: true, type: "module", dependencies: { [name]: "*" } };
  writeFileSync(join(folder, "package.json"), JSON.stringify(manifest));
  writeFileSync(join(folder, "deno.json"), `{ "nodeModulesDir": "manual", "lock": false }`);
  makeNode20(folder);
}

/**
 * Makes a program that runs Node 20 with compiled .ts files, since Node 20 itself runs none. Tests start programs by
 * `process.execPath`, which is then this program.
 */
function makeNode20(folder: string): void {
  for (const path of listFiles(folder, "examples").filter((path) => path.endsWith(".ts"))) {
    const { outputText } = ts.transpileModule(readFileSync(join(folder, path), "utf8"), {
      compilerOptions: { target: ts.ScriptTarget.ES2022, module: ts.ModuleKind.ESNext },
    });
    const file = join(folder, "node20", `${path}.js`);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, outputText);
  }
  const program = join(folder, "node20/node");
  const preload = join(folder, "node20/preload.mjs");
  writeFileSync(join(folder, "node20/load.mjs"), LOAD);
  writeFileSync(
    preload,
    `import { register } from "node:module";
register("./load.mjs", import.meta.url);
process.execPath = ${JSON.stringify(program)};
`,
  );
  writeFileSync(program, `#!/bin/sh\nexec "${requireTool("node20")}" --import "${preload}" "$@"\n`, {
    mode: 0o755,
  });
}

/** Loads the compiled file in place of each .ts file. A file without types was not compiled. */
const LOAD = `import { readFile } from "node:fs/promises";
const [top, compiled] = ["../", "./"].map((path) => new URL(path, import.meta.url).href);
export async function load(url, context, next) {
  if (!url.startsWith(top) || !url.endsWith(".ts")) return next(url, context);
  const source = await readFile(new URL(url.replace(top, compiled) + ".js"), "utf8")
    .catch(() => readFile(new URL(url), "utf8"));
  return { format: "module", source, shortCircuit: true };
}
`;

async function run(
  { name, args }: Runtime,
  folder: string,
  files: readonly string[],
): Promise<readonly string[]> {
  // These steps check the package, not the speed of the machine: a failure on a busy machine is tried again.
  // The reporters that print failures for people need a newer Node than 20.
  const isOld = name === "node20";
  const reporter = isOld ? "tap-flat" : "dot";
  const words = [...args, requireTool("vitest"), "run", `--reporter=${reporter}`, "--retry=2", ...files];
  const file = isOld ? join(folder, "node20/node") : requireTool(name);
  const problems = await programProblems(file, words, { cwd: folder, timeoutMs: RUN_MS });
  return problems.map((text) => text.split("\n").filter((line) => !/^ok /.test(line)).join("\n"));
}
