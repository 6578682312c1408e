/**
 * `npm run build:npm:local`: the npm package without dnt, by the TypeScript compiler with the same options
 * and the same layout. It is for tests: what it makes is marked private, and npm refuses to publish it.
 * @module
 */
import { chmodSync, copyFileSync, existsSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import process from "node:process";
import ts from "typescript";
import { root } from "./_tools.ts";
import { checkExports } from "./check/exports.ts";
import { type NpmBuildOptions, npmBuildOptions, npmExtraFiles, outputPath } from "./npm/options.ts";

const options = npmBuildOptions();
const outDir = join(root, options.outDir);

const problems = [...checkExports(root), ...missingFiles()];
if (problems.length > 0) fail(problems.join("\n"));
rmSync(outDir, { recursive: true, force: true });
const files = compile(options);
writeFileSync(join(outDir, "package.json"), `${JSON.stringify(manifest(options), undefined, 2)}\n`);
for (const file of npmExtraFiles) copyFileSync(join(root, file), join(outDir, file));
console.log(`Built ${files} files in npm/ by the local builder, not by dnt: for tests, not to be published`);

function missingFiles(): string[] {
  const needed = [...options.entryPoints.map(({ path }) => path), ...npmExtraFiles];
  return needed.filter((path) => !existsSync(join(root, path))).map((path) => `there is no ${path}`);
}

function fail(why: string): never {
  console.error(`Cannot build the npm package: ${why}`);
  process.exit(1);
}

/** Compiles what the entry points import, and nothing else: no test is among it. */
function compile({ entryPoints, compilerOptions }: NpmBuildOptions): number {
  const program = ts.createProgram({
    rootNames: entryPoints.map(({ path }) => join(root, path)),
    options: {
      rootDir: root,
      outDir: join(outDir, "esm"),
      declaration: true,
      target: ts.ScriptTarget.ES2022,
      lib: compilerOptions.lib.map((name) => `lib.${name.toLowerCase()}.d.ts`),
      module: ts.ModuleKind.ESNext,
      moduleResolution: ts.ModuleResolutionKind.Bundler,
      types: ["node"],
      strict: true,
      noUncheckedIndexedAccess: true,
      verbatimModuleSyntax: true,
      rewriteRelativeImportExtensions: true,
      skipLibCheck: true,
      newLine: ts.NewLineKind.LineFeed,
    },
  });
  const commands = new Set(
    entryPoints.filter(({ kind }) => kind === "bin").map(({ path }) => join(outDir, outputPath(path, ".js"))),
  );
  let written = 0;
  const write = (path: string, text: string) => {
    mkdirSync(dirname(path), { recursive: true });
    const isCommand = commands.has(path);
    writeFileSync(path, isCommand ? `#!/usr/bin/env node\n${text}` : text);
    if (isCommand) chmodSync(path, 0o755);
    written++;
  };
  const { diagnostics } = program.emit(undefined, write, undefined, false, {
    afterDeclarations: [nameJavaScript],
  });
  const all = [...ts.getPreEmitDiagnostics(program), ...diagnostics];
  if (all.length > 0) {
    fail(ts.formatDiagnostics(all, {
      getCanonicalFileName: (name) => name,
      getCurrentDirectory: () => root,
      getNewLine: () => "\n",
    }));
  }
  return written;
}

/** The compiler leaves `./bus.ts` in declarations; in the package there is `./bus.js` alone. */
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

/** package.json as dnt writes it, but for the mark that keeps npm from publishing it. */
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
