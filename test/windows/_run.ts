/**
 * One run of Wine: a folder with a C: and a registry of its own, and the command that runs a program in it.
 * @module
 */
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { join } from "node:path";
import { root } from "../../scripts/tools.ts";
import { executableOf, type WindowsRuntime } from "../../scripts/windows/builds.ts";
import { windowsPlaces } from "../../scripts/windows/setup.ts";
import { underWine } from "../../scripts/windows/under_wine.ts";

/** How a program is started. */
export interface ProgramOptions {
  /** The arguments of the program. */
  readonly args?: readonly string[];
  /** The runtime's own flags. */
  readonly flags?: readonly string[];
  /** The permissions on Deno. Default all. */
  readonly denoPermissions?: readonly string[];
  /** Whether koffi is installed, or installed without its part for Windows. Default not installed. */
  readonly koffi?: "installed" | "wrong";
}

/** One run. */
export interface Run {
  /** The folder on Linux that is `Z:\run` on Windows. */
  readonly folder: string;
  /** The command before a Windows program, which ends all of Wine together with the program. */
  readonly command: readonly [file: string, ...args: string[]];
  /** Removes the files of the run. */
  remove(): void;
}

/** Makes the folder of a run. */
export function makeRun(): Run {
  const { wine, koffi, runs } = windowsPlaces;
  mkdirSync(runs, { recursive: true });
  const top = mkdtempSync(join(runs, "run-"));
  const [from, prefix, folder] = [join(wine, "prefix"), join(top, "prefix"), join(top, "run")];
  for (const one of [prefix, folder]) mkdirSync(one);
  // The files of C: are never changed, so that runs share them. Wine changes the files of the registry in place.
  execFileSync("cp", ["-al", join(from, "drive_c"), prefix]);
  const own = ["dosdevices", "system.reg", "user.reg", "userdef.reg", ".update-timestamp"];
  execFileSync("cp", ["-a", ...own.map((name) => join(from, name)), prefix]);
  return {
    folder,
    command: underWine({ wine, prefix, repository: root, koffi: join(koffi, "node_modules"), run: folder }),
    remove: () => rmSync(top, { recursive: true, maxRetries: 3 }),
  };
}

const repositories = { installed: "Z:\\koffi\\w", wrong: "Z:\\wrong\\w" } as const;

/** Returns the path of the repository with the wanted kind of koffi beside it. */
export function repositoryOf({ koffi }: Pick<ProgramOptions, "koffi">): string {
  return koffi === undefined ? "Z:\\w" : repositories[koffi];
}

/** Returns the command line for `test/programs/<name>.ts`, or for another file by its path from there, with its extension. */
export function wordsOf(runtime: WindowsRuntime, name: string, options: ProgramOptions = {}): string[] {
  const { args = [], flags = [], denoPermissions = ["-A"] } = options;
  const path = /\.[a-z]+$/.test(name) ? name : `${name}.ts`;
  const executable = backslashed(`Z:/w/.cache/windows/builds/${executableOf(runtime)}`);
  const file = backslashed(`${repositoryOf(options)}/test/programs/${path}`);
  const deno = runtime === "deno" ? ["run", "--quiet", "--no-prompt", ...denoPermissions] : [];
  return [executable, ...deno, ...flags, file, ...args];
}

function backslashed(path: string): string {
  return path.replaceAll("/", "\\");
}
