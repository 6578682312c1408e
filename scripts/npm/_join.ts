/**
 * Joins the compiled modules of a package. A runtime needs a third of a millisecond to load a file, so that thirty small files
 * cost more time than the code in them.
 * @module
 */
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { join, posix } from "node:path";
import { type BuildOptions, type BuildResult, buildSync, type Metafile } from "esbuild";
import { type NpmBuildOptions, outputPath } from "./options.ts";

const CHUNKS = ".chunks/";

const BUNDLED = {
  bundle: true,
  splitting: true,
  format: "esm",
  platform: "neutral",
  packages: "external",
  charset: "utf8",
  outbase: ".",
  outdir: ".",
  chunkNames: `${CHUNKS}[name]-[hash]`,
  metafile: true,
  write: false,
  logLevel: "silent",
} as const satisfies BuildOptions;

type Outputs = Metafile["outputs"];

/**
 * Replaces the modules at `paths` by as few modules as possible. Code that several entry points share goes into a shared
 * module, with the path of the last module in it. An entry point keeps its path.
 * @throws {Error} If a module would be lost.
 */
export function joinModules(
  folder: string,
  { paths, options }: { readonly paths: readonly string[]; readonly options: NpmBuildOptions },
): void {
  const top = join(folder, "esm");
  loadCoreAtOnce(top, options);
  const { outputFiles, metafile } = bundle(top, options);
  const { inputs, outputs } = metafile;
  const kept = new Set(Object.values(outputs).flatMap((output) => Object.keys(output.inputs)));
  const entries = new Set(Object.values(outputs).map(({ entryPoint }) => entryPoint));
  const lost = Object.keys(inputs).filter((path) => !kept.has(path) && !entries.has(path));
  if (lost.length > 0) {
    throw new Error(`Cannot join the modules of the package: ${lost.join(", ")} is in none`);
  }
  const names = new Map(Object.entries(outputs).map(([path, output]) => [path, nameOf(output, entries)]));
  const texts = new Map(outputFiles.map(({ path, text }) => [posix.relative(top, path), text]));
  const written = new Map<string, string>();
  for (const [path, { imports }] of Object.entries(outputs)) {
    let text = texts.get(path) ?? "";
    for (const { path: to, external } of imports) {
      if (external) continue;
      const specifier = JSON.stringify(specifierOf(path, to));
      text = text.replaceAll(specifier, JSON.stringify(specifierOf(names.get(path), names.get(to))));
    }
    written.set(`esm/${names.get(path)}`, text);
  }
  if (written.size < names.size) throw new Error("Cannot join the modules of the package: two have one name");
  for (const path of paths) if (!written.has(path)) rmSync(join(folder, path));
  for (const [path, text] of written) writeFileSync(join(folder, path), text);
}

/** Bundles all entry points, and writes nothing. */
function bundle(top: string, options: NpmBuildOptions): BuildResult<typeof BUNDLED> {
  return buildSync({
    ...BUNDLED,
    absWorkingDir: top,
    entryPoints: options.entryPoints.map(({ path }) => inEsm(path)),
    target: options.compilerOptions.target.toLowerCase(),
  });
}

/**
 * Makes every entry point import all of the core, and every module that is imported lazily and needs a part of it. Otherwise each different part of the core that one of them uses would become a file of its own.
 */
function loadCoreAtOnce(top: string, options: NpmBuildOptions): void {
  const [core, ...others] = options.entryPoints.filter(({ kind }) => kind === "export").map(({ path }) =>
    inEsm(path)
  );
  const { metafile: { inputs, outputs } } = bundle(top, options);
  const known = new Set(options.entryPoints.map(({ path }) => inEsm(path)));
  const lazy = Object.values(outputs).flatMap(({ entryPoint }) => entryPoint ?? []).filter((path) =>
    !known.has(path) && needsCore(path, inputs)
  );
  for (const path of [...others, ...lazy]) {
    const file = join(top, path);
    writeFileSync(file, `import ${JSON.stringify(specifierOf(path, core))};\n${readFileSync(file, "utf8")}`);
  }
}

/** Whether a module imports any module of the core, also by way of others. */
function needsCore(path: string, inputs: Metafile["inputs"]): boolean {
  const seen = new Set([path]);
  for (const from of seen) {
    if (from.startsWith("src/")) return true;
    for (const { path: to, kind } of inputs[from]?.imports ?? []) {
      if (kind === "import-statement" && to in inputs) seen.add(to);
    }
  }
  return false;
}

/** The path of a shared module. It has no hash of the contents, since the output of the two builders differs in details. */
function nameOf({ entryPoint, inputs }: Outputs[string], entries: ReadonlySet<string | undefined>): string {
  if (entryPoint !== undefined) return entryPoint;
  const last = Object.keys(inputs).filter((path) => (inputs[path]?.bytesInOutput ?? 0) > 0).at(-1) ?? "";
  // A lazily imported module has a file of its own, even if all of its code is shared.
  return entries.has(last) ? posix.join(posix.dirname(last), `_${posix.basename(last)}`) : last;
}

function inEsm(path: string): string {
  return posix.relative("esm", outputPath(path, ".js"));
}

function specifierOf(from = "", to = ""): string {
  const path = posix.relative(posix.dirname(from), to);
  return path.startsWith(".") && !path.startsWith(CHUNKS) ? path : `./${path}`;
}
