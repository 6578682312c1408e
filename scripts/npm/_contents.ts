/**
 * What is in a built package, held against its description and against the sources.
 * @module
 */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { root } from "../tools.ts";
import { parseSource } from "../check/sources.ts";
import { type Import, importsOf } from "../check/imports.ts";
import { reachedDeclarations } from "./_declarations.ts";
import type { Tarball } from "./_package.ts";
import { type NpmBuildOptions, type NpmEntryPoint, npmExtraFiles, outputPath } from "./options.ts";

/**
 * What all of the package may weigh once it is unpacked, in bytes: 300 kB for the core, the command and the first six
 * entry points, and 17 kB for each of the eight others, Windows, the serverless hosts and the conformance suite. Who imports one loads no other.
 */
export const UNPACKED_LIMIT = 860_000;

/** The core's entry point, and all of the core: each more makes every import of it slower. */
const CORE_MODULES = 2;

/** A built package, and what it was built from. */
export interface Built {
  readonly folder: string;
  readonly top: string;
  readonly options: NpmBuildOptions;
}

/** Says how the files of a package differ from what they should be. */
export function fileProblems({ files, unpackedSize }: Omit<Tarball, "path">, built: Built): string[] {
  // Throws where one of them is no part of the library or the command.
  packedSources(built.top, built.options);
  const expected = expectedFiles(built);
  const core = reachedModules(built.folder, built.options.entryPoints.slice(0, 1));
  const found = new Set(files);
  return [
    ...[...expected].filter((path) => !found.has(path)).map((path) => `the package lacks ${path}`),
    ...files.filter((path) => !expected.has(path)).map((path) => `the package has ${path}, and should not`),
    ...files.flatMap((path) => textProblems(built.folder, path)),
    ...(core.size > CORE_MODULES ? [`the core is in ${core.size} modules: more than ${CORE_MODULES}`] : []),
    ...(unpackedSize > UNPACKED_LIMIT
      ? [`the package is ${unpackedSize} bytes, unpacked: more than ${UNPACKED_LIMIT}`]
      : []),
  ];
}

/** The entry points, the modules and declarations that they lead to, and the files beside. */
function expectedFiles({ folder, options }: Built): Set<string> {
  const modules = reachedModules(folder, options.entryPoints);
  return new Set(["package.json", ...npmExtraFiles, ...modules, ...reachedDeclarations(folder, options)]);
}

/** The paths of the modules that the entry points lead to, be they there or not. */
function reachedModules(folder: string, entryPoints: readonly NpmEntryPoint[]): Set<string> {
  const reached = new Set<string>();
  const visit = (path: string) => {
    if (reached.has(path)) return;
    reached.add(path);
    if (!existsSync(join(folder, path))) return;
    for (const { to, relative } of importsIn(folder, path)) if (relative) visit(to);
  };
  for (const { path } of entryPoints) visit(outputPath(path, ".js").slice(2));
  return reached;
}

/** The sources that the entry points import, themselves among them. */
export function packedSources(top: string, { entryPoints }: NpmBuildOptions): string[] {
  const reached = new Set<string>();
  const visit = (path: string) => {
    if (reached.has(path)) return;
    reached.add(path);
    if (!/^(mod\.ts$|src\/|platforms\/|components\/|cli\/)/.test(path)) {
      throw new Error(`Cannot pack ${path}: it is imported, but is no part of the library or the command`);
    }
    for (const { to, relative } of importsIn(top, path)) if (relative) visit(to);
  };
  for (const { path } of entryPoints) visit(path.replace(/^\.\//, ""));
  return [...reached];
}

function importsIn(top: string, path: string): Import[] {
  return importsOf(parseSource(path, readFileSync(join(top, path), "utf8")));
}

/** Nothing of the machine that built the package, and nothing that is not in it, is named in it. */
function textProblems(folder: string, path: string): string[] {
  if (!existsSync(join(folder, path))) return [];
  const text = readFileSync(join(folder, path), "utf8");
  return [root, "file:///", "sourceMappingURL="].filter((part) => text.includes(part)).map((part) =>
    `${path} contains "${part}"`
  );
}

/** Says how package.json differs from its description, and what it should never have. */
export function manifestProblems({ folder, top, options }: Built): string[] {
  const found = JSON.parse(readFileSync(join(folder, "package.json"), "utf8")) as Record<string, unknown>;
  const bins = options.entryPoints.filter(({ kind }) => kind === "bin");
  const expected: Record<string, unknown> = {
    ...options.package,
    bin: Object.fromEntries(bins.map(({ name, path }) => [name, outputPath(path, ".js")])),
  };
  const differing = Object.keys(expected).filter((key) =>
    JSON.stringify(found[key]) !== JSON.stringify(expected[key])
  );
  const optional = new Set(Object.keys(options.package.peerDependenciesMeta ?? {}));
  const demanded = Object.keys(options.package.peerDependencies ?? {}).filter((name) => !optional.has(name));
  return [
    ...differing.map((key) =>
      `package.json has "${key}": ${JSON.stringify(found[key])}, not ${JSON.stringify(expected[key])}`
    ),
    ...["main", "scripts", "optionalDependencies", "bundleDependencies"].filter((key) => key in found).map((
      key,
    ) => `package.json has "${key}", and should not`),
    ...demanded.map((name) => `package.json has the peer "${name}", which is not optional`),
    ...dependencyProblems(top, options),
  ];
}

/** What is imported is brought along, and nothing besides. */
function dependencyProblems(top: string, options: NpmBuildOptions): string[] {
  const { dependencies, peerDependencies = {}, peerDependenciesMeta = {} } = options.package;
  const brought = new Set(Object.keys({ ...dependencies, ...peerDependencies }));
  const sources = packedSources(top, options);
  const packages = sources.flatMap((path) => importsIn(top, path)).filter((
    { to, relative },
  ) => !relative && !to.startsWith("node:"));
  // What may be missing is looked for when it is needed, by its name, and imported by nothing.
  const isNamed = (name: string) =>
    name in peerDependenciesMeta &&
    sources.some((path) => readFileSync(join(top, path), "utf8").includes(`.resolve("${name}")`));
  const imported = new Map(packages.map(({ to, place }) => [/^(@[^/]+\/)?[^/]+/.exec(to)?.[0] ?? to, place]));
  return [
    ...[...imported].filter(([name]) => !brought.has(name)).map(([name, place]) =>
      `package.json does not bring "${name}", which ${place} imports`
    ),
    ...[...brought].filter((name) => !imported.has(name) && !isNamed(name)).map((name) =>
      `package.json brings "${name}", which nothing imports`
    ),
  ];
}
