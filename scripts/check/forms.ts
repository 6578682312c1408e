/**
 * The forms that this project does without: each has a plainer one, or cannot be erased by a runtime that
 * runs .ts files as they are.
 * @module
 */
import ts from "typescript";
import { at, type Problem, type Source, walk } from "./sources.ts";

/** Looks for `any`, enums, namespaces, default exports, and globals of a runtime in the core. */
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

/** An application's module has a default export because `sitebus serve` or its host asks for it; tools ask for theirs. */
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

// The second is about `globalThis` itself, and about nothing that a runtime puts there.
const MAY_REACH_GLOBALS = new Set(["src/_web.ts", "src/share_bus.ts"]);

/** The compiler knows no runtime's globals in `src/`; what is left to see is the way round it by a cast. */
function globalProblem(source: Source, node: ts.Node): string | undefined {
  if (!source.path.startsWith("src/") || MAY_REACH_GLOBALS.has(source.path)) return undefined;
  if (!ts.isIdentifier(node) || node.text !== "globalThis") return undefined;
  return "src/ reaches globals in src/_web.ts alone";
}
