/**
 * Runs the tests of examples that are projects with frameworks of many megabytes. Each project is installed and built once,
 * and then served on every runtime.
 * @module
 */
import { cpSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { command } from "../command.ts";
import { root } from "../tools.ts";
import { addReports, crashed, type Report } from "./report.ts";

const INSTALL_MS = 300_000;

/** The examples, and the command that builds each of them. */
const projects: Readonly<Record<string, readonly string[]>> = {
  nitro: ["nitro", "build"],
  next: ["next", "build"],
};

/** How the tests are run. */
export interface FrameworksOptions {
  /** The names of the runtimes. */
  readonly runtimes: readonly string[];
  /** Runs the tests on one runtime, with the given variables added to the environment. */
  readonly run: (runtime: string, env: Readonly<Record<string, string>>) => Promise<Report>;
  /** Installs and builds the projects, and resolves to their folder. */
  readonly install?: () => Promise<string>;
  /** Whether the projects are installed. Default true if the environment variable CI is set. */
  readonly wanted?: boolean;
}

/** Runs the test files on each runtime. If the projects are not wanted, the files are skipped. */
export async function runOnFrameworks(
  files: readonly string[],
  { runtimes, run, install = installOnce, wanted = process.env["CI"] !== undefined }: FrameworksOptions,
): Promise<Report> {
  if (!wanted) {
    const why = "the frameworks are installed where CI is set: CI=true npm test -- frameworks";
    return { passed: 0, failures: [], skips: files.map((name) => ({ name, why })) };
  }
  let folder: string;
  try {
    folder = await install();
  } catch (error) {
    return crashed("frameworks", error instanceof Error ? error.message : String(error));
  }
  const reports: Report[] = [];
  for (const runtime of runtimes) {
    const report = await run(runtime, { SITEBUS_FRAMEWORKS: folder });
    const failures = report.failures.map(({ name, message }) => ({
      name,
      message: `on ${runtime}: ${message}`,
    }));
    reports.push({ ...report, failures });
  }
  return addReports(reports);
}

let installed: Promise<string> | undefined;

/** The installed projects, which a second run of the tests uses again. */
function installOnce(): Promise<string> {
  return installed ??= installProjects();
}

async function installProjects(): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), "sitebus-frameworks-"));
  process.once("exit", () => rmSync(folder, { recursive: true, force: true }));
  for (const [name, build] of Object.entries(projects)) {
    const cwd = join(folder, name);
    cpSync(join(root, "examples", name), cwd, { recursive: true });
    await npm(cwd, ["ci", "--no-audit", "--no-fund"]);
    await npm(cwd, ["exec", "--", ...build]);
  }
  return folder;
}

async function npm(cwd: string, args: readonly string[]): Promise<void> {
  const env = { NODE_ENV: "production", NEXT_TELEMETRY_DISABLED: "1" };
  const { code, crash, output } = await command("npm", args, { cwd, env, timeoutMs: INSTALL_MS });
  if (code === 0 && crash === undefined) return;
  throw new Error(`npm ${args.join(" ")} ${crash ?? `ended with ${code}`}\n${output.trim().slice(-2000)}`);
}
