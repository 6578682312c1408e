/**
 * The one description of the npm package. dnt builds releases from it; on machines that cannot reach jsr.io, the local builder
 * builds the same layout for tests.
 * @module
 */
import { readManifest } from "../_manifest.ts";
import { root } from "../tools.ts";

/** An exported module, or a command. */
export interface NpmEntryPoint {
  readonly kind: "export" | "bin";
  readonly name: string;
  readonly path: string;
}

/** The fields of package.json that a builder cannot derive. */
export interface NpmPackage {
  name: string;
  version: string;
  type: "module";
  description: string;
  keywords: string[];
  license: string;
  /** The address of the sources. npm requires it for a release with provenance. */
  repository?: { type: string; url: string };
  engines: Record<string, string>;
  sideEffects: false;
  exports: Record<string, { types: string; default: string } | string>;
  types: string;
  dependencies: Record<string, string>;
  peerDependencies?: Record<string, string>;
  peerDependenciesMeta?: Record<string, { optional?: boolean }>;
  devDependencies: Record<string, string>;
}

/** The options of dnt's `build` that are used here. Written down, since dnt itself is not imported. */
export interface NpmBuildOptions {
  entryPoints: NpmEntryPoint[];
  outDir: string;
  shims: Record<never, never>;
  scriptModule: false;
  test: false;
  skipSourceOutput: true;
  typeCheck: "single";
  /** Imports that become peer dependencies of the package. Without this, dnt would make them dependencies. */
  mappings: Record<string, { name: string; version: string; peerDependency: true }>;
  package: NpmPackage;
  compilerOptions: {
    target: "ES2022";
    lib: ("ES2023" | "ESNext.Disposable")[];
    noUncheckedIndexedAccess: true;
  };
}

/** The files that are copied beside package.json. */
export const npmExtraFiles: readonly string[] = ["README.md", "LICENSE", "CHANGELOG.md"];

/** The command: a module of the package that users cannot import. */
export const npmCommand: NpmEntryPoint = { kind: "bin", name: "sitebus", path: "./cli/main.ts" };

/** Reads the deno.json and package.json of `top`, and returns the options for the build. */
export function npmBuildOptions(top: string = root): NpmBuildOptions {
  const deno = readManifest(top, "deno.json");
  const npm = readManifest(top, "package.json");
  const entryPoints = Object.entries(deno.exports).map(([name, path]): NpmEntryPoint => ({
    kind: "export",
    name,
    path,
  }));
  const peers = npm.peerDependencies ?? {};
  return {
    entryPoints: [...entryPoints, npmCommand],
    outDir: "./npm",
    shims: {},
    // Only ES modules: two copies of the bus, one for `import` and one for `require`, would not share their state.
    scriptModule: false,
    test: false,
    skipSourceOutput: true,
    typeCheck: "single",
    mappings: Object.fromEntries(
      Object.entries(peers).map(([name, version]) => [
        `npm:${name}@${version}`,
        { name, version, peerDependency: true as const },
      ]),
    ),
    package: {
      name: npm.name,
      version: npm.version,
      type: "module",
      description: npm.description ?? "",
      keywords: ["process", "lifecycle", "graceful-shutdown", "signals", "bus", "deno", "bun", "node"],
      license: npm.license ?? "",
      ...(npm.repository === undefined ? {} : { repository: { ...npm.repository } }),
      engines: { ...npm.engines },
      sideEffects: false,
      types: outputPath(deno.exports["."] ?? "", ".d.ts"),
      exports: {
        ...Object.fromEntries(entryPoints.map(({ name, path }) => [name, {
          types: outputPath(path, ".d.ts"),
          default: outputPath(path, ".js"),
        }])),
        "./package.json": "./package.json",
      },
      dependencies: { ...npm.dependencies },
      ...(npm.peerDependencies === undefined ? {} : { peerDependencies: { ...peers } }),
      ...(npm.peerDependenciesMeta === undefined
        ? {}
        : { peerDependenciesMeta: { ...npm.peerDependenciesMeta } }),
      devDependencies: { "@types/node": npm.devDependencies?.["@types/node"] ?? "*" },
    },
    compilerOptions: {
      target: "ES2022",
      lib: ["ES2023", "ESNext.Disposable"],
      noUncheckedIndexedAccess: true,
    },
  };
}

/** Returns the path where dnt writes the output for a source: "./src/bus.ts" → "./esm/src/bus.js". */
export function outputPath(path: string, extension: ".js" | ".d.ts"): string {
  return path.replace(/^\.\//, "./esm/").replace(/\.ts$/, extension);
}
