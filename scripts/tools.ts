/**
 * The paths of the tools in `node_modules`. Scripts call them by path: the four packages of Node have the same name in
 * `node_modules/.bin`, and the shell's own `node` is often too old to run a .ts file.
 * @module
 */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

/** The folder of this repository, without a slash at its end. */
export const root: string = fileURLToPath(new URL("..", import.meta.url)).replace(/[/\\]$/, "");

const suffix = process.platform === "win32" ? ".exe" : "";

/** The names of the programs that scripts run. */
export type Tool =
  | "node26"
  | "node24"
  | "node22"
  | "node20"
  | "deno"
  | "bun"
  | "workerd"
  | "tsc"
  | "tsc5"
  | "tsc7"
  | "vitest"
  | "publint"
  | "attw";

/** The path of each program. */
export const tools: Readonly<Record<Tool, string>> = {
  node26: inModules(`node26/bin/node${suffix}`),
  node24: inModules(`node24/bin/node${suffix}`),
  node22: inModules(`node22/bin/node${suffix}`),
  node20: inModules(`node20/bin/node${suffix}`),
  deno: inModules(`deno/deno${suffix}`),
  bun: inModules("bun/bin/bun.exe"),
  workerd: inModules("workerd/bin/workerd"),
  tsc: inModules("typescript/bin/tsc"),
  tsc5: inModules("typescript5/bin/tsc"),
  tsc7: inModules("typescript7/bin/tsc"),
  vitest: inModules("vitest/vitest.mjs"),
  publint: inModules("publint/src/cli.js"),
  attw: inModules("@arethetypeswrong/cli/dist/index.js"),
};

/** Returns a path in this repository's `node_modules`. */
export function inModules(path: string): string {
  return join(root, "node_modules", path);
}

/**
 * Returns the path of a tool.
 * @throws {Error} If the tool is not installed; the message says how to install it.
 */
export function requireTool(name: Tool): string {
  const path = tools[name];
  if (!existsSync(path)) throw new Error(`Cannot run ${name}: it is not in node_modules; run npm ci`);
  return path;
}
