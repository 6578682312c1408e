/**
 * Builds the npm package without dnt, by the TypeScript compiler with the same options and the same layout. The package is
 * marked private, so that npm refuses to publish it.
 * @module
 */
import { chmodSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import ts from "typescript";
import { inModules } from "../tools.ts";
import { buildFaults, buildFaultText } from "./faults.ts";
import { finishPackage } from "./finish.ts";
import { type NpmBuildOptions, npmBuildOptions, outputPath } from "./options.ts";

/**
 * Builds the sources of `top` into `folder`, and replaces its contents.
 * @throws {Error} If something is missing, differs or does not compile; `folder` then has no package.
 */
export function buildLocally(top: string, folder: string): void {
  const faults = buildFaults(top);
  if (faults.length > 0) throw new Error(buildFaultText(faults));
  const options = npmBuildOptions(top);
  rmSync(folder, { recursive: true, force: true });
  compile({ top, folder, options });
  finishPackage(folder, { top, options });
  // Last, since a folder without package.json does not count as a package.
  writeFileSync(join(folder, "package.json"), `${JSON.stringify(manifest(options), undefined, 2)}\n`);
}

/** Compiles the entry points and everything that they import, so no tests. */
function compile(
  { top, folder, options: { entryPoints, compilerOptions } }: {
    readonly top: string;
    readonly folder: string;
    readonly options: NpmBuildOptions;
  },
): void {
  const program = ts.createProgram({
    rootNames: entryPoints.map(({ path }) => join(top, path)),
    options: {
      rootDir: top,
      outDir: join(folder, "esm"),
      declaration: true,
      target: ts.ScriptTarget[compilerOptions.target],
      lib: compilerOptions.lib.map((name) => `lib.${name.toLowerCase()}.d.ts`),
      module: ts.ModuleKind.ESNext,
      moduleResolution: ts.ModuleResolutionKind.Bundler,
      types: ["node"],
      typeRoots: [inModules("@types")],
      strict: true,
      stripInternal: true,
      noUncheckedIndexedAccess: compilerOptions.noUncheckedIndexedAccess,
      verbatimModuleSyntax: true,
      rewriteRelativeImportExtensions: true,
      skipLibCheck: true,
      newLine: ts.NewLineKind.LineFeed,
    },
  });
  const commands = new Set(
    entryPoints.filter(({ kind }) => kind === "bin").map(({ path }) => join(folder, outputPath(path, ".js"))),
  );
  const write = (path: string, text: string) => {
    mkdirSync(dirname(path), { recursive: true });
    const isCommand = commands.has(path);
    writeFileSync(path, isCommand ? `#!/usr/bin/env node\n${text}` : text);
    if (isCommand) chmodSync(path, 0o755);
  };
  const { diagnostics } = program.emit(undefined, write, undefined, false, {
    afterDeclarations: [nameJavaScript],
  });
  const all = [...ts.getPreEmitDiagnostics(program), ...diagnostics];
  if (all.length === 0) return;
  const text = ts.formatDiagnostics(all, {
    getCanonicalFileName: (name) => name,
    getCurrentDirectory: () => top,
    getNewLine: () => "\n",
  });
  throw new Error(buildFaultText([`it does not compile\n${text}`]));
}

/** Replaces `./bus.ts` by `./bus.js` in declarations: the compiler does not, and the package has only the latter. */
function nameJavaScript(context: ts.TransformationContext): ts.Transformer<ts.SourceFile | ts.Bundle> {
  const visit = (node: ts.Node, inImport: boolean): ts.Node => {
    if (ts.isStringLiteral(node) && inImport && node.text.startsWith(".")) {
      return ts.factory.createStringLiteral(node.text.replace(/\.ts$/, ".js"));
    }
    const names = ts.isImportDeclaration(node) || ts.isExportDeclaration(node) || ts.isImportTypeNode(node) ||
      (inImport && ts.isLiteralTypeNode(node));
    return ts.visitEachChild(node, (child) => visit(child, names), context);
  };
  return (file) => visit(file, false) as typeof file;
}

/** Returns package.json with the fields that dnt adds, and the mark that keeps npm from publishing the package. */
function manifest({ entryPoints, package: fields }: NpmBuildOptions): Record<string, unknown> {
  const { dependencies, devDependencies, ...first } = fields;
  const bins = entryPoints.filter(({ kind }) => kind === "bin");
  const [main] = entryPoints;
  return {
    ...first,
    private: true,
    module: main && outputPath(main.path, ".js"),
    types: main && outputPath(main.path, ".d.ts"),
    bin: Object.fromEntries(bins.map(({ name, path }) => [name, outputPath(path, ".js")])),
    dependencies,
    devDependencies,
  };
}
