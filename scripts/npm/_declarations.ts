/**
 * The declarations of a package: only what the entry points lead to is of use to anybody. A file that one
 * type of it is imported from brings along all its others, and what those import; here they are left out.
 * @module
 */
import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join, relative, sep } from "node:path";
import ts from "typescript";
import { parseSource } from "../check/sources.ts";
import { importsOf } from "../check/imports.ts";
import type { NpmBuildOptions } from "./options.ts";

/** The paths of the declarations that the entry points lead to, be they there or not. */
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

/** Takes out of the files at `paths` what no entry point leads to, and the files that have nothing else. */
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

  /** All of a file: users see it as it is. */
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
    // What an import brings is used where it is named: see `#importText`.
    if (!isImport) visit(statement);
  }

  /** Whatever comes from a module may come by way of its `export *`. */
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
    // One step at a time: each module on the way names it.
    if (symbol.flags & ts.SymbolFlags.Alias) this.#addSymbol(this.#checker.getImmediateAliasedSymbol(symbol));
    for (const declaration of symbol.declarations ?? []) {
      let statement: ts.Node = declaration;
      while (statement.parent && !ts.isSourceFile(statement.parent)) statement = statement.parent;
      if (!ts.isSourceFile(statement)) this.#addStatement(statement);
    }
  }

  /** A file with nothing in it but what is used. */
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
