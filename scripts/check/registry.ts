/**
 * What jsr.io would say of the package: of its docs, and of publishing it. Both are asked of Deno, which
 * needs no network for it.
 * @module
 */
import ts from "typescript";
import { command } from "../command.ts";
import { readManifest } from "../_manifest.ts";
import { requireTool } from "../tools.ts";
import { at, type Problem, readSources, type Source } from "./sources.ts";

/** Whether all that the entry points export is documented, with nothing that is not exported in its types. */
export async function checkDocs(top: string): Promise<Problem[]> {
  const library = readSources(top).filter(({ path }) =>
    /^(mod\.ts$|src\/|platforms\/|components\/)/.test(path)
  );
  return [
    ...await problems(top, ["doc", "--lint", ...Object.values(readManifest(top, "deno.json").exports)]),
    ...library.flatMap(firstExportProblems),
  ];
}

/** Deno takes the docstring of a module for that of its first statement, where this has none. */
function firstExportProblems(source: Source): Problem[] {
  const [first] = source.tree.statements;
  if (first === undefined || !ts.canHaveModifiers(first)) return [];
  const isExported = ts.getModifiers(first)?.some(({ kind }) => kind === ts.SyntaxKind.ExportKeyword) ??
    false;
  const docs = ts.getJSDocCommentsAndTags(first).filter((node) => ts.isJSDoc(node));
  const ofModule = docs.at(-1)?.tags?.some(({ tagName }) => tagName.text === "module") ?? false;
  return isExported && ofModule
    ? [`${at(source, first)}: what is exported first has the module's docstring, and none of its own`]
    : [];
}

/** Whether `deno publish` would go through: types that need no guessing, a license, and not a warning. */
export async function checkPublish(top: string): Promise<Problem[]> {
  return await problems(top, ["publish", "--dry-run", "--allow-dirty"]);
}

async function problems(top: string, args: readonly string[]): Promise<Problem[]> {
  const { code, output, crash } = await command(requireTool("deno"), args, {
    cwd: top,
    env: { NO_COLOR: "1" },
  });
  if (crash !== undefined || code !== 0) return [output.trim(), crash ?? `exit code ${code}`];
  return /^warning/m.test(output) ? [output.trim()] : [];
}
