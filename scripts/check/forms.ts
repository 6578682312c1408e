/**
 * Finds forms that this project does not use. Each has a plainer form, or cannot be erased by a runtime that runs .ts files as
 * they are.
 * @module
 */
import ts from "typescript";
import { at, type Problem, type Source, walk } from "./sources.ts";

/** Finds `any`, enums, namespaces, default exports, and globals of a runtime in the core. */
export function checkForms(sources: readonly Source[]): Problem[] {
  return sources.flatMap((source) => {
    const problems: Problem[] = [];
    walk(source.tree, (node) => {
      const problem = formProblem(node) ?? defaultProblem(source, node) ?? globalProblem(source, node);
      if (problem !== undefined) problems.push(`${at(source, node)}: ${problem}`);
    });
    return problems;
  });
}

function formProblem(node: ts.Node): string | undefined {
  if (node.kind === ts.SyntaxKind.AnyKeyword) return "no `any`: say `unknown`, and find out what it is";
  if (ts.isEnumDeclaration(node)) return "no `enum`: a union of string literals from an `as const` table";
  if (ts.isModuleDeclaration(node)) return "no `namespace` or `declare global`: a module is one already";
  return undefined;
}

/** Whether a file may have a default export. `sitebus serve`, hosts and tools read the default export of their modules. */
function mayHaveDefault(path: string): boolean {
  return /^(examples|docs|test|bench\/programs)\//.test(path) || path === "vitest.config.ts" ||
    path === "scripts/testing/reporter.ts";
}

function defaultProblem(source: Source, node: ts.Node): string | undefined {
  const isDefault = ts.isExportAssignment(node) || node.kind === ts.SyntaxKind.DefaultKeyword &&
      (ts.isFunctionDeclaration(node.parent) || ts.isClassDeclaration(node.parent));
  if (!isDefault || mayHaveDefault(source.path)) return undefined;
  return "no default export, but of an application's module: a name is the same everywhere";
}

// The second file puts a bus on `globalThis`, and reads nothing that a runtime puts there.
const MAY_REACH_GLOBALS = new Set(["src/_web.ts", "src/share_bus.ts"]);

/** Finds `globalThis` in `src/`. The compiler knows no globals of a runtime there, but a cast of `globalThis` would reach them. */
function globalProblem(source: Source, node: ts.Node): string | undefined {
  if (!source.path.startsWith("src/") || MAY_REACH_GLOBALS.has(source.path)) return undefined;
  if (!ts.isIdentifier(node) || node.text !== "globalThis") return undefined;
  return "src/ reaches globals in src/_web.ts alone";
}
