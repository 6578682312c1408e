/**
 * Tries an application: starts a process that loads, starts and stops it, and reads what that took. `sitebus analyze` and
 * `sitebus doctor` are made of such trials.
 * @module
 */
import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { clearTimeout, setTimeout } from "node:timers";
import { plainText } from "../components/log/plain_text.ts";
import { runtimeFlags } from "../components/units/runtime_flags.ts";
import { LoadError } from "./load_error.ts";
import type { TrialResult } from "./trial_run.ts";

export type { TrialComponent, TrialRecord, TrialResult } from "./trial_run.ts";

/** The application under trial. */
export interface TrialOptions {
  /** The module: a path, or a `file:` URL. */
  readonly module: string;
  /** The beginning of messages, such as `Cannot analyze "app.ts"`. */
  readonly action: string;
  /** Milliseconds for the import, for `setup` and for the start of the components, each. */
  readonly startWithin: number;
}

/** A trial that has ended by itself. */
export interface Trial extends TrialResult {
  /** The exit code; 128 and more where a signal has ended it. */
  readonly code: number;
  /** From the start of the process to its end, in milliseconds. */
  readonly ms: number;
}

/** How many characters of what the application printed are kept for a message. */
const KEPT = 4_000;

/** The time of the stop, and of all that is not the application's. */
const REST_MS = 60_000;

/** How long outputs are read after the end of the process. */
const LATE_OUTPUT_MS = 500;

/**
 * Runs one trial.
 * @throws {LoadError} If the application cannot be loaded, or the trial does not come to its end.
 */
export async function trial({ module, action, startWithin }: TrialOptions): Promise<Trial> {
  const flags = ownFlags(action);
  const folder = mkdtempSync(join(tmpdir(), "sitebus-trial-"));
  try {
    const into = join(folder, "result.json");
    const begun = performance.now();
    const words = ["analyze", module, "--trial", into, "--start-within", `${Math.round(startWithin)}ms`];
    const { code, printed } = await runSelf(
      action,
      [...flags, process.argv[1] ?? "", ...words],
      3 * startWithin + REST_MS,
    );
    const ms = performance.now() - begun;
    return { ...resultIn(into) ?? refuse(action, code, printed), code, ms };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function resultIn(file: string): TrialResult | undefined {
  try {
    return JSON.parse(readFileSync(file, "utf8")) as TrialResult;
  } catch {
    return undefined; // It did not come so far.
  }
}

/** The last line that the command itself said tells why. */
function refuse(action: string, code: number, printed: string): never {
  const lines = plainText(printed).trimEnd().split("\n");
  const said = lines.findLast((line) => line.startsWith("sitebus: "))?.replace(/^sitebus: (error: )?/, "");
  const last = said ?? (lines.at(-1) || "it printed nothing");
  throw new LoadError(`${action}: its trial has ended with ${code}: ${last}`);
}

/** How the process of a trial ended. */
interface Ended {
  readonly code: number;
  /** The end of what it printed. */
  readonly printed: string;
}

/** Runs this runtime with other words. */
function runSelf(action: string, words: readonly string[], ms: number): Promise<Ended> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, words, {
      stdio: ["ignore", "pipe", "pipe"],
      env: { ...process.env, NO_COLOR: "1" },
    });
    let printed = "";
    const take = (text: string) => void (printed = (printed + text).slice(-KEPT));
    child.stdout.setEncoding("utf8").on("data", take);
    child.stderr.setEncoding("utf8").on("data", take);
    const timer = setTimeout(() => {
      child.kill("SIGKILL");
      reject(new LoadError(`${action}: its trial has not ended in ${Math.round(ms / 1000)} s`));
    }, ms);
    child.on("error", (cause) => {
      clearTimeout(timer);
      reject(new LoadError(`${action}: cannot start "${process.execPath}"`, { cause }));
    });
    child.on("exit", (code, signal) => {
      clearTimeout(timer);
      const end = () => resolve({ code: code ?? (signal === "SIGKILL" ? 137 : 143), printed });
      // A process that the application has left behind may hold the outputs open.
      const late = setTimeout(end, LATE_OUTPUT_MS);
      child.on("close", () => {
        clearTimeout(late);
        end();
      });
    });
  });
}

/** The flags of this runtime. @throws {LoadError} Where Deno does not tell them. */
function ownFlags(action: string): readonly string[] {
  try {
    return runtimeFlags(action);
  } catch (cause) {
    const why =
      "Deno tells what this program may do only under --allow-all, and a trial has to have the same";
    throw new LoadError(`${action}: ${why}; use deno run -A`, { cause });
  }
}
