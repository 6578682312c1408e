/**
 * Examples that are projects of their own, with more to install than everybody should have to.
 * @module
 */
import { execFile } from "node:child_process";
import { cpSync, mkdtempSync } from "node:fs";
import { rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { onTestFinished } from "vitest";
import { runtime } from "../spawn.ts";

/** Thousands of files take their time on a busy machine. */
const REMOVE_MS = 60_000;

/** Why no project is installed here; undefined where it is: in CI, for these of `npm test`'s runtimes. */
export function whyNotInstalled(on: readonly string[]): string | undefined {
  if (process.env["CI"] === undefined) return "it is installed in CI alone, where CI is set";
  const own = runtime === "node" ? `node${process.version.slice(1, 3)}` : runtime;
  return on.includes(own) ? undefined : `it is installed for ${on.join(", ")} alone`;
}

/** Copies `examples/<name>`, installs it and runs `build` there. It goes away after the test. */
export async function built(name: string, build: readonly string[]): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), `sitebus-${name}-`));
  onTestFinished(() => rm(folder, { recursive: true }), REMOVE_MS);
  cpSync(fileURLToPath(new URL(`../../examples/${name}/`, import.meta.url)), folder, { recursive: true });
  const env = { ...process.env, NODE_ENV: "production", NEXT_TELEMETRY_DISABLED: "1" };
  const options = { cwd: folder, env };
  await promisify(execFile)("npm", ["ci", "--no-audit", "--no-fund"], options);
  await promisify(execFile)("npm", ["exec", "--", ...build], options);
  return folder;
}
