/**
 * Finds the imports of each file, of values and of types.
 * @module
 */
import { posix } from "node:path";
import ts from "typescript";
import { at, type Source, walk } from "./sources.ts";

/** One import, export-from, `import()` or `import("…")` type. */
export interface Import {
  /** The place of the import: `src/bus.ts:3`. */
  readonly place: string;
  readonly from: string;
  /** The path from the top of the repository, or the specifier itself if it is not relative. */
  readonly to: string;
  readonly relative: boolean;
  /** Whether only types are imported, so that nothing is loaded when the program runs. */
  readonly typeOnly: boolean;
}

/** Returns all imports of one file, in the order in which they are written. */
export function importsOf(source: Source): Import[] {
  const found: Import[] = [];
  walk(source.tree, (node) => {
    const specifier = specifierOf(node);
    if (specifier === undefined) return;
    const relative = specifier.startsWith(".");
    found.push({
      place: at(source, node),
      from: source.path,
      to: relative ? posix.join(posix.dirname(source.path), specifier) : specifier,
      relative,
      typeOnly: isTypeOnly(node),
    });
  });
  return found;
}

function specifierOf(node: ts.Node): string | undefined {
  if ((ts.isImportDeclaration(node) || ts.isExportDeclaration(node)) && node.moduleSpecifier) {
    return text(node.moduleSpecifier);
  }
  if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword) {
    return text(node.arguments[0]);
  }
  if (ts.isImportTypeNode(node) && ts.isLiteralTypeNode(node.argument)) return text(node.argument.literal);
  return undefined;
}

function text(node: ts.Node | undefined): string | undefined {
  return node && ts.isStringLiteralLike(node) ? node.text : undefined;
}

// `import { type A }` counts as an import of a value: under `verbatimModuleSyntax` it still loads the module.
function isTypeOnly(node: ts.Node): boolean {
  if (ts.isImportTypeNode(node)) return true;
  if (ts.isExportDeclaration(node)) return node.isTypeOnly;
  return ts.isImportDeclaration(node) && node.importClause?.phaseModifier === ts.SyntaxKind.TypeKeyword;
}
