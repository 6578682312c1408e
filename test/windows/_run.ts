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
  /** The program's arguments. */
  readonly args?: readonly string[];
  /** The runtime's own flags. */
  readonly flags?: readonly string[];
  /** What Deno grants. Default all. */
  readonly denoPermissions?: readonly string[];
  /** Whether koffi is there, or there without its part for Windows. Default not. */
  readonly koffi?: "installed" | "wrong";
}

/** One run. */
export interface Run {
  /** What Windows calls `Z:\run`, on Linux. */
  readonly folder: string;
  /** Runs the Windows program that follows, and ends all of Wine with it. */
  readonly command: readonly [file: string, ...args: string[]];
  /** Takes its files away. */
  remove(): void;
}

/** Makes the folder of a run. */
export function makeRun(): Run {
  const { wine, koffi, runs } = windowsPlaces;
  mkdirSync(runs, { recursive: true });
  const top = mkdtempSync(join(runs, "run-"));
  const [from, prefix, folder] = [join(wine, "prefix"), join(top, "prefix"), join(top, "run")];
  for (const one of [prefix, folder]) mkdirSync(one);
  // The files of C: are not written to, and may be shared; those of the registry are, in place.
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

/** Where the repository is, with the wanted kind of koffi beside it. */
export function repositoryOf({ koffi }: Pick<ProgramOptions, "koffi">): string {
  return koffi === undefined ? "Z:\\w" : repositories[koffi];
}

/** The words that run `test/programs/<name>.ts` in a runtime, or another file by its path from there, with its extension. */
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
