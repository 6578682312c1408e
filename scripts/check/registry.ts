/**
 * The checks that jsr.io would make of the docs and of a release. Deno makes both without the network.
 * @module
 */
import ts from "typescript";
import { command } from "../command.ts";
import { readManifest } from "../_manifest.ts";
import { requireTool } from "../tools.ts";
import { at, type Problem, readSources, type Source } from "./sources.ts";

/** Checks that all exports of the entry points have docs, and that their types refer only to exported types. */
export async function checkDocs(top: string): Promise<Problem[]> {
  const library = readSources(top).filter(({ path }) =>
    /^(mod\.ts$|src\/|platforms\/|components\/)/.test(path)
  );
  return [
    ...await problems(top, ["doc", "--lint", ...Object.values(readManifest(top, "deno.json").exports)]),
    ...library.flatMap(firstExportProblems),
  ];
}

/** Finds files whose first export has no docstring. Deno would take the module's docstring for it, and report nothing. */
function firstExportProblems(source: Source): Problem[] {
  const [first] = source.tree.statements;
  if (first === undefined || !ts.canHaveModifiers(first)) return [];
  const isExported = ts.getModifiers(first)?.some(({ kind }) => kind === ts.SyntaxKind.ExportKeyword) ??
    false;
  const docs = ts.getJSDocCommentsAndTags(first).filter((node) => ts.isJSDoc(node));
  const ofModule = docs.at(-1)?.tags?.some(({ tagName }) => tagName.text === "module") ?? false;
  return isExported && ofModule
    ? [`${at(source, first)}: the first export has no docstring of its own, only the module's`]
    : [];
}

/** Checks that `deno publish` would succeed: explicit types, a license, and no warning. */
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
