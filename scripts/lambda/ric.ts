/**
 * The runtime interface client of AWS Lambda, `aws-lambda-ric`, with its native part, for tests. It is not a dependency of this
 * project, since its installation compiles curl; it is built once, into `.cache/`.
 * @module
 */
import { existsSync, mkdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import process from "node:process";
import { command } from "../command.ts";
import { root } from "../tools.ts";

/** The versions that are tested: 3.3.0 is in the managed runtimes up to Node 22, 4.0.2 in those from Node 24 on. */
export const ricVersions = ["4.0.2", "3.3.0"] as const;

/** A version that is tested. */
export type RicVersion = typeof ricVersions[number];

const BUILD_MS = 600_000;
const APT_MS = 120_000;

const cache = join(root, ".cache/lambda");

// The main program of each version, and its native part.
const places = {
  "3.3.0": { main: "bin/index.mjs", native: "dist/rapid-client.node" },
  "4.0.2": { main: "index.mjs", native: "rapid-client.node" },
};

// The programs that the build needs, and Debian's packages for those that are often missing.
const TOOLS = ["make", "cmake", "g++", "python3"];
const AUTOTOOLS = ["autoconf", "automake", "libtoolize", "m4"];
const PACKAGES = ["autoconf", "automake", "libtool", "libtool-bin", "m4"];

/** Returns the main program of a version; undefined if it is not built. */
export function ricMain(version: RicVersion): string | undefined {
  const { main, native } = places[version];
  const folder = join(cache, version, "aws-lambda-ric");
  return existsSync(join(folder, native)) ? join(folder, main) : undefined;
}

/** Tries to install missing tools, then returns why this machine cannot build a version; undefined if it can. */
export async function ricObstacle(version: RicVersion): Promise<string | undefined> {
  if (process.platform !== "linux") return `it is built on Linux alone, and this is ${process.platform}`;
  const missing = await missingTools(TOOLS);
  if (missing.length > 0) return `there is no ${missing.join(", no ")}`;
  // Version 4 contains the configure script of curl; version 3 makes that script by the autotools.
  if (version === "4.0.2" || (await missingTools(AUTOTOOLS)).length === 0) return undefined;
  const install = ["install", "-y", "--no-install-recommends", ...PACKAGES];
  const [first] = await apt(install);
  if (first !== 0) {
    await apt(["update"]);
    const [code, said] = await apt(install);
    if (code !== 0) return `apt-get could not install ${PACKAGES.join(", ")}: ${said}`;
  }
  return undefined;
}

/**
 * Builds one version into the cache, at a low priority: installs the package and deletes the files that only the build needs.
 * @throws {Error} If the build fails; the message has its last lines.
 */
export async function buildRic(version: RicVersion): Promise<void> {
  const folder = join(cache, `${version}.${process.pid}`);
  try {
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, "package.json"), '{ "private": true }\n');
    const npm = ["npm", "install", `aws-lambda-ric@${version}`, "--no-save", "--foreground-scripts"];
    const { code, crash, output } = await command("nice", npm, {
      cwd: folder,
      timeoutMs: BUILD_MS,
      env: { MAKEFLAGS: "-j2", ...headers() },
    });
    if (code !== 0) {
      throw new Error(`Cannot build aws-lambda-ric ${version}: ${crash ?? output.trim().slice(-2000)}`);
    }
    const built = join(folder, "node_modules/aws-lambda-ric");
    for (const part of ["deps", "src", "build", "node_modules"]) {
      rmSync(join(built, part), { recursive: true, force: true });
    }
    mkdirSync(join(cache, version), { recursive: true });
    rmSync(join(cache, version, "aws-lambda-ric"), { recursive: true, force: true });
    renameSync(built, join(cache, version, "aws-lambda-ric"));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  if (ricMain(version) === undefined) {
    throw new Error(`Cannot build aws-lambda-ric ${version}: there is no ${places[version].native} in it`);
  }
}

/** The environment that tells node-gyp where the headers of Node are, so that it does not load them from nodejs.org. */
function headers(): Record<string, string> {
  const known = process.env["npm_config_nodedir"];
  const place = [dirname(dirname(process.execPath)), "/usr", "/usr/local"].find((prefix) =>
    existsSync(join(prefix, "include/node/node_api.h"))
  );
  return known !== undefined || place === undefined ? {} : { npm_config_nodedir: place };
}

async function missingTools(names: readonly string[]): Promise<readonly string[]> {
  const found = await Promise.all(names.map((name) => command("which", [name])));
  return names.filter((_, index) => found[index]?.code !== 0);
}

async function apt(args: readonly string[]): Promise<readonly [code: number | null, said: string]> {
  const { code, crash, output } = await command("apt-get", args, {
    timeoutMs: APT_MS,
    env: { DEBIAN_FRONTEND: "noninteractive" },
  });
  return [code, crash ?? output.trim().split("\n").at(-1) ?? ""];
}
