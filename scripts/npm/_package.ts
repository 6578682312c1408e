/**
 * The built package as npm sees it: packed, listed, and installed where nothing else is.
 * @module
 */
import { existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import ts from "typescript";
import { command } from "../_command.ts";
import { inModules, root } from "../_tools.ts";
import type { Source } from "../check/_sources.ts";
import { importsOf } from "../check/imports.ts";
import { npmBuildOptions, npmExtraFiles, outputPath } from "./options.ts";

/** Where the builders put the package. */
export const builtFolder: string = join(root, npmBuildOptions().outDir);

/** A packed package. */
export interface Tarball {
  readonly path: string;
  /** The paths in it, without the `package/` of the archive. */
  readonly files: readonly string[];
}

/** Packs the built package into `folder`. */
export async function pack(folder: string): Promise<Tarball> {
  const said = await npm(["pack", "--json", "--pack-destination", folder], builtFolder);
  // npm 12 answers with an object, by name; the ones before it with a list.
  const [packed] = Object.values(
    JSON.parse(said) as Record<string, { filename: string; files: { path: string }[] }>,
  );
  if (packed === undefined) throw new Error(`npm pack said nothing of a package: ${said}`);
  return { path: join(folder, packed.filename), files: packed.files.map(({ path }) => path).sort() };
}

/** Says how the files of a package differ from what they should be. */
export function fileProblems({ files }: Tarball): string[] {
  const expected = new Set(expectedFiles());
  const found = new Set(files);
  return [
    ...[...expected].filter((path) => !found.has(path)).map((path) => `the package lacks ${path}`),
    ...files.filter((path) => !expected.has(path)).map((path) => `the package has ${path}, and should not`),
    ...files.flatMap(textProblems),
  ];
}

/** What the entry points import, compiled, and the files beside it. */
function expectedFiles(): string[] {
  const reached = new Set<string>();
  const visit = (path: string) => {
    if (reached.has(path)) return;
    reached.add(path);
    for (const { to, relative } of importsOf(read(path))) if (relative) visit(to);
  };
  for (const { path } of npmBuildOptions().entryPoints) visit(path.replace(/^\.\//, ""));
  const compiled = [...reached].flatMap((
    path,
  ) => [outputPath(`./${path}`, ".js"), outputPath(`./${path}`, ".d.ts")]);
  return ["package.json", ...npmExtraFiles, ...compiled.map((path) => path.replace(/^\.\//, ""))];
}

function read(path: string): Source {
  const text = readFileSync(join(root, path), "utf8");
  return { path, text, tree: ts.createSourceFile(path, text, ts.ScriptTarget.Latest, true) };
}

/** Nothing of the machine that built the package, and nothing that is not in it, is named in it. */
function textProblems(path: string): string[] {
  const text = readFileSync(join(builtFolder, path), "utf8");
  return [root, "file:///", "sourceMappingURL="].filter((part) => text.includes(part)).map((part) =>
    `${path} contains "${part}"`
  );
}

/** Installs the package in an empty folder, with its dependencies and nothing else. */
export async function install({ path }: Tarball, folder: string): Promise<void> {
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, "package.json"), `{ "name": "consumer", "private": true, "type": "module" }\n`);
  await npm(["install", "--prefix", folder, "--prefer-offline", "--no-audit", "--no-fund", path], folder);
  if (existsSync(join(folder, "node_modules/@types"))) {
    throw new Error("the package brings types of others along");
  }
  // For the consumers that have Node's types; those that have not do not look for them.
  symlinkSync(inModules("@types"), join(folder, "node_modules/@types"), "dir");
}

/** Runs the npm that runs us, with the Node that runs it. */
async function npm(args: readonly string[], cwd: string): Promise<string> {
  const { npm_execpath, npm_node_execpath } = process.env;
  const direct = npm_execpath !== undefined && npm_node_execpath !== undefined;
  const { code, stdout, output, crash } = await command(
    direct ? npm_node_execpath : "npm",
    direct ? [npm_execpath, ...args] : args,
    { cwd, env: { npm_config_local_prefix: undefined } },
  );
  if (code === 0 && crash === undefined) return stdout;
  throw new Error(`npm ${args[0]}: ${crash ?? `exit code ${code}`}\n${output.trim()}`);
}
