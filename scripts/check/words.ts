/**
 * Checks the words in names: one word for one idea. Exported names of `src/`, `platforms/` and `components/`, and the names of
 * their public members, must not contain a second word for the same idea.
 * @module
 */
import ts from "typescript";
import { at, type Problem, type Source } from "./sources.ts";

/** Words that names must not contain, and the words to use instead. */
const WORDS: Readonly<Record<string, string>> = {
  topic: "channel",
  handler: "listener",
  callback: "listener",
  hook: "listener",
  adapter: "platform",
  driver: "platform",
  backend: "platform",
  manager: "the name of what it does",
  util: "the name of what it does",
  helper: "the name of what it does",
};

/** Checks the exported names of the library. */
export function checkWords(sources: readonly Source[]): Problem[] {
  return sources.filter(({ path }) => /^(src|platforms|components)\//.test(path)).flatMap((source) =>
    source.tree.statements.flatMap((statement) =>
      exportedNames(statement).flatMap((name) => check(source, name))
    )
  );
}

function check(source: Source, name: ts.Identifier): Problem[] {
  return words(name.text).flatMap((word) => {
    const instead = WORDS[word.replace(/s$/, "")];
    return instead === undefined ? [] : [`${at(source, name)}: "${name.text}": not "${word}" but ${instead}`];
  });
}

/** Splits a name: "onSignalHandler" → ["on", "signal", "handler"]. */
function words(name: string): string[] {
  return name.replace(/([a-z0-9])([A-Z])/g, "$1 $2").toLowerCase().split(/[^a-z0-9]+/);
}

function exportedNames(statement: ts.Statement): ts.Identifier[] {
  if (ts.isExportDeclaration(statement)) {
    const clause = statement.exportClause;
    return clause && ts.isNamedExports(clause)
      ? clause.elements.map(({ name }) => name as ts.Identifier)
      : [];
  }
  if (!has(statement, ts.SyntaxKind.ExportKeyword)) return [];
  if (ts.isVariableStatement(statement)) {
    return statement.declarationList.declarations.flatMap(({ name }) => ts.isIdentifier(name) ? [name] : []);
  }
  if (!isNamed(statement)) return [];
  return [statement.name, ...(isForeign(statement.name.text) ? [] : memberNames(statement))];
}

/** Whether another project chose the names of the members, as in `DenoLike`. */
function isForeign(name: string): boolean {
  return name.endsWith("Like");
}

function isNamed(node: ts.Node): node is ts.DeclarationStatement & { readonly name: ts.Identifier } {
  const { name } = node as { readonly name?: ts.Node };
  return name !== undefined && ts.isIdentifier(name);
}

/** Returns the public members. A name in quotes is left out, since another project chose it: a module, a header. */
function memberNames(node: ts.Node): ts.Identifier[] {
  if (!ts.isClassDeclaration(node) && !ts.isInterfaceDeclaration(node)) return [];
  return [...node.members].flatMap((member) => {
    const name = member.name;
    const own = has(member, ts.SyntaxKind.PrivateKeyword);
    return name && !own && ts.isIdentifier(name) ? [name] : [];
  });
}

function has(node: ts.Node, kind: ts.SyntaxKind): boolean {
  return ts.canHaveModifiers(node) &&
    (ts.getModifiers(node)?.some((modifier) => modifier.kind === kind) ?? false);
}
