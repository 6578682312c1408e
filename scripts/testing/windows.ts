/**
 * Runs the tests that need Windows: vitest on Linux starts their programs under Wine.
 * @module
 */
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { patient } from "../patience.ts";
import { setUpWindows } from "../windows/setup.ts";
import { crashed, type Report } from "./report.ts";

/**
 * The additional flags of vitest. Programs start slowly under Wine, above all several at once or on a busy machine.
 */
const flags = () => ["--maxConcurrency=3", `--testTimeout=${patient(60_000)}`];

/** How the tests are run. */
export interface WindowsOptions {
  /** Runs the tests by vitest, with these flags, and with these variables added to the environment. */
  readonly run: (flags: readonly string[], env: Readonly<Record<string, string>>) => Promise<Report>;
  /** Whether a machine that cannot run Windows programs is a failure. Default true if SITEBUS_NEEDS_WINDOWS is set. */
  readonly needed?: boolean;
  /** Sets Windows up; resolves to the reason if it cannot. Default the function of `scripts/windows/setup.ts`. */
  readonly setUp?: () => Promise<string | undefined>;
}

/**
 * Runs the files, and prints which events were delivered to which runtimes. If Windows cannot be set up, the files are skipped,
 * with the reason.
 */
export async function runOnWindows(
  files: readonly string[],
  { run, needed = Boolean(process.env["SITEBUS_NEEDS_WINDOWS"]), setUp = setUpWindows }: WindowsOptions,
): Promise<Report> {
  const why = await setUp();
  if (why !== undefined && needed) return crashed("windows", why);
  if (why !== undefined) return { passed: 0, failures: [], skips: files.map((name) => ({ name, why })) };
  const folder = mkdtempSync(join(tmpdir(), "sitebus-windows-"));
  const log = join(folder, "events.txt");
  try {
    const report = await run(flags(), { SITEBUS_WINDOWS_LOG: log });
    for (const line of deliveries(existsSync(log) ? readFileSync(log, "utf8") : "")) console.log(line);
    return report;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** Returns one line for each runtime: `windows node26: 9 CTRL_C, 4 CTRL_CLOSE`. The log has a line for each delivered event. */
export function deliveries(log: string): string[] {
  const runtimes = new Map<string, Map<string, number>>();
  for (const line of log.split("\n").filter((line) => line !== "")) {
    const [runtime = "", event = ""] = line.split(" ");
    const events = runtimes.get(runtime) ?? new Map<string, number>();
    runtimes.set(runtime, events.set(event, (events.get(event) ?? 0) + 1));
  }
  return [...runtimes].sort(([a], [b]) => a < b ? -1 : 1).map(([runtime, events]) => {
    const counts = [...events].sort(([a], [b]) => a < b ? -1 : 1).map(([event, count]) =>
      `${count} ${event}`
    );
    return `windows ${runtime}: ${counts.join(", ")}`;
  });
}
