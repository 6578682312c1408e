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
 * What vitest is told besides: programs under Wine start slowly, several of them at once more so, and on a machine
 * that does other things, too.
 */
const flags = () => ["--maxConcurrency=3", `--testTimeout=${patient(60_000)}`];

/** How the tests are run. */
export interface WindowsOptions {
  /** Runs them by vitest, with these flags, and with this environment added. */
  readonly run: (flags: readonly string[], env: Readonly<Record<string, string>>) => Promise<Report>;
  /** Whether it is a failure that there is no Windows. Default: where SITEBUS_NEEDS_WINDOWS is set. */
  readonly needed?: boolean;
  /** Sets Windows up, and says why it cannot be. Default that of `scripts/windows/setup.ts`. */
  readonly setUp?: () => Promise<string | undefined>;
}

/**
 * Runs the files, and prints which events hit which runtimes. Where there is no Windows they are skipped, and say
 * why.
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

/** One line for each runtime: `windows node26: 9 CTRL_C, 4 CTRL_CLOSE`; the log has a line for each delivery. */
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
