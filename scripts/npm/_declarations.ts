/**
 * Removes unused declarations from a package. Users need only the types that the entry points lead to. The compiler writes
 * every type of a file from which one type is imported, and everything that those types import.
 * @module
 */
import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join, relative, sep } from "node:path";
import ts from "typescript";
import { parseSource } from "../check/sources.ts";
import { importsOf } from "../check/imports.ts";
import type { NpmBuildOptions } from "./options.ts";

/** Returns the paths of the declarations that the entry points lead to, even if they do not exist. */
export function reachedDeclarations(folder: string, options: NpmBuildOptions): Set<string> {
  const reached = new Set<string>();
  const visit = (path: string) => {
    if (reached.has(path)) return;
    reached.add(path);
    const file = join(folder, path);
    if (!existsSync(file)) return;
    const source = parseSource(path, readFileSync(file, "utf8"));
    for (const { to, relative } of importsOf(source)) if (relative) visit(to.replace(/\.js$/, ".d.ts"));
  };
  entryDeclarations(options).forEach(visit);
  return reached;
}

/** Removes from the files at `paths` the declarations that no entry point leads to, and deletes files that are then empty. */
export function trimDeclarations(
  folder: string,
  { paths, options }: { readonly paths: readonly string[]; readonly options: NpmBuildOptions },
): void {
  const entries = entryDeclarations(options).map((path) => join(folder, path));
  const program = ts.createProgram(entries, {
    noLib: true,
    types: [],
    module: ts.ModuleKind.ESNext,
    moduleResolution: ts.ModuleResolutionKind.Bundler,
  });
  const used = new Used(program.getTypeChecker());
  for (const entry of entries) used.addFile(program.getSourceFile(entry));
  for (const path of paths) {
    const file = join(folder, path);
    const source = program.getSourceFile(file.split(sep).join("/"));
    const text = source === undefined ? "" : used.textOf(source);
    if (text === "") rmSync(file);
    else writeFileSync(file, `${text}\n`);
  }
}

function entryDeclarations(options: NpmBuildOptions): string[] {
  return Object.values(options.package.exports).flatMap((entry) =>
    typeof entry === "object" ? [relative(".", entry.types).split(sep).join("/")] : []
  );
}

/** The statements and the symbols that are used. */
class Used {
  readonly #checker: ts.TypeChecker;
  readonly #statements = new Set<ts.Node>();
  readonly #symbols = new Set<ts.Symbol>();

  constructor(checker: ts.TypeChecker) {
    this.#checker = checker;
  }

  /** Adds all statements of a file, for an entry point. */
  addFile(file: ts.SourceFile | undefined): void {
    file?.statements.forEach((statement) => this.#addStatement(statement));
  }

  #addStatement(statement: ts.Node): void {
    if (this.#statements.has(statement)) return;
    this.#statements.add(statement);
    const isImport = ts.isImportDeclaration(statement);
    if ((isImport || ts.isExportDeclaration(statement)) && statement.moduleSpecifier) {
      this.#addStars(this.#checker.getSymbolAtLocation(statement.moduleSpecifier));
    }
    const visit = (node: ts.Node) => {
      if (ts.isIdentifier(node)) this.#addSymbol(this.#checker.getSymbolAtLocation(node));
      node.forEachChild(visit);
    };
    // An imported name is added where it is used: see `#importText`.
    if (!isImport) visit(statement);
  }

  /** Adds the `export *` statements of a module, since a used symbol may come from there. */
  #addStars(module: ts.Symbol | undefined): void {
    const files = (module?.declarations ?? []).filter((declaration) => ts.isSourceFile(declaration));
    for (const statement of files.flatMap((file) => [...file.statements])) {
      if (ts.isExportDeclaration(statement) && statement.exportClause === undefined) {
        this.#addStatement(statement);
      }
    }
  }

  #addSymbol(symbol: ts.Symbol | undefined): void {
    if (symbol === undefined || this.#symbols.has(symbol)) return;
    this.#symbols.add(symbol);
    // One step at a time, since each module on the way has a statement with the name.
    if (symbol.flags & ts.SymbolFlags.Alias) this.#addSymbol(this.#checker.getImmediateAliasedSymbol(symbol));
    for (const declaration of symbol.declarations ?? []) {
      let statement: ts.Node = declaration;
      while (statement.parent && !ts.isSourceFile(statement.parent)) statement = statement.parent;
      if (!ts.isSourceFile(statement)) this.#addStatement(statement);
    }
  }

  /** Returns the text of a file with only its used statements. */
  textOf(file: ts.SourceFile): string {
    const used = file.statements.filter((statement) => this.#statements.has(statement));
    const texts = used.map((statement) =>
      ts.isImportDeclaration(statement) ? this.#importText(statement) : statement.getFullText(file)
    );
    return texts.join("").trim();
  }

  #importText(statement: ts.ImportDeclaration): string {
    const { importClause: clause } = statement;
    const names = clause?.namedBindings;
    if (clause === undefined || names === undefined || !ts.isNamedImports(names)) {
      return statement.getFullText();
    }
    const kept = names.elements.filter(({ name }) => {
      const symbol = this.#checker.getSymbolAtLocation(name);
      return symbol !== undefined && this.#symbols.has(symbol);
    });
    const type = clause.phaseModifier === ts.SyntaxKind.TypeKeyword ? "type " : "";
    const list = kept.map((element) => element.getText()).join(", ");
    return kept.length === 0
      ? ""
      : `\nimport ${type}{ ${list} } from ${statement.moduleSpecifier.getText()};`;
  }
}
