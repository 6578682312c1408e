/**
 * Compares the contents of a built package with its description and with the sources.
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
 * The most bytes of the unpacked package: 1.16 MB is what it has, a fifth of it declarations with their docs. An import of one
 * entry point loads no other.
 */
export const UNPACKED_LIMIT = 1_200_000;

/** The most modules of the core, with its entry point: each module makes every import of the core slower. */
const CORE_MODULES = 2;

/** A built package and its sources. */
export interface Built {
  readonly folder: string;
  readonly top: string;
  readonly options: NpmBuildOptions;
}

/** Returns the differences between the files of a package and the expected files. */
export function fileProblems({ files, unpackedSize }: Omit<Tarball, "path">, built: Built): string[] {
  // Throws if one of the files belongs neither to the library nor to the command.
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

/** Returns the paths of the entry points, of the modules and declarations that they import, and of the other files. */
function expectedFiles({ folder, options }: Built): Set<string> {
  const modules = reachedModules(folder, options.entryPoints);
  return new Set(["package.json", ...npmExtraFiles, ...modules, ...reachedDeclarations(folder, options)]);
}

/** Returns the paths of the modules that the entry points import, even if they do not exist. */
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

/** Returns the sources of the entry points and of everything that they import. */
function packedSources(top: string, { entryPoints }: NpmBuildOptions): string[] {
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

/** Finds paths of the machine that built the package, and references to files that are not in the package. */
function textProblems(folder: string, path: string): string[] {
  if (!existsSync(join(folder, path))) return [];
  const text = readFileSync(join(folder, path), "utf8");
  return [root, "file:///", "sourceMappingURL="].filter((part) => text.includes(part)).map((part) =>
    `${path} contains "${part}"`
  );
}

/** Returns the differences between package.json and its description, and the fields that it must not have. */
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

/** Checks that the dependencies in package.json are exactly the packages that the sources import. */
function dependencyProblems(top: string, options: NpmBuildOptions): string[] {
  const { dependencies, peerDependencies = {}, peerDependenciesMeta = {} } = options.package;
  const brought = new Set(Object.keys({ ...dependencies, ...peerDependencies }));
  const sources = packedSources(top, options);
  const packages = sources.flatMap((path) => importsIn(top, path)).filter((
    { to, relative },
  ) => !relative && !to.startsWith("node:"));
  // An optional package is not imported: it is loaded by its name when it is needed, or another one loads it.
  const isNamed = (name: string) =>
    name in peerDependenciesMeta &&
    sources.some((path) => readFileSync(join(top, path), "utf8").includes(name));
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
