/**
 * Runs a program to its end and keeps its output. Each program leads a process group of its own, so that its timeout, or our
 * own end, also ends everything that it started.
 * @module
 */
import { type ChildProcess, spawn } from "node:child_process";
import type { Readable } from "node:stream";
import { patient } from "./patience.ts";
import { root } from "./tools.ts";

/** How a program ended. `code` is null if a signal ended it. */
export interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
  /** Both streams together, in the order of their arrival. */
  readonly output: string;
  readonly ms: number;
  /** Why the program counts as crashed: it could not start, took too long, or was ended by a signal. */
  readonly crash?: string;
}

/** How a program is run. */
export interface CommandOptions {
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** The timeout in milliseconds, on a machine as fast as the reference. Default 120,000. */
  readonly timeoutMs?: number;
  /**
   * Called with each line that the program prints. If it returns true, the line is a sign of progress: the line is left out of
   * the output, and the timeout begins anew. `timeoutMs` then limits the time between two signs of progress.
   */
  readonly isProgress?: (line: string) => boolean;
}

const running = new Set<ChildProcess>();

/** Registers a program that leads a process group of its own, so that it ends together with us; see `endWithUs`. */
export function adopt<T extends ChildProcess>(child: T): T {
  running.add(child);
  child.once("exit", () => running.delete(child));
  return child;
}

/** Runs a program to its end. Never rejects: the result says what went wrong. */
export function command(
  file: string,
  args: readonly string[],
  options: CommandOptions = {},
): Promise<Ended> {
  const { isProgress } = options;
  const timeoutMs = patient(options.timeoutMs ?? 120_000);
  const began = performance.now();
  return new Promise((resolve) => {
    const said = { stdout: "", stderr: "", output: "" };
    let crash: string | undefined;
    const child = adopt(spawn(file, args, {
      cwd: options.cwd ?? root,
      env: { ...process.env, ...options.env },
      stdio: ["ignore", "pipe", "pipe"],
      detached: process.platform !== "win32",
    }));
    for (const name of ["stdout", "stderr"] as const) {
      const keep = (text: string) => {
        said[name] += text;
        said.output += text;
      };
      const stream = child[name].setEncoding("utf8");
      if (isProgress === undefined) stream.on("data", keep);
      else {
        eachLine(stream, (line, end) => {
          if (isProgress(line)) limit.refresh();
          else keep(line + end);
        });
      }
    }
    let limit = setTimeout(() => {
      crash = `${isProgress ? "made no progress for" : "took longer than"} ${Math.round(timeoutMs / 1000)} s`;
      endGroup(child);
      // A process that left the group may keep the pipes open, so that the event "close" never comes.
      limit = setTimeout(() => settle(null), 2000);
    }, timeoutMs);
    const settle = (code: number | null, error?: string) => {
      clearTimeout(limit);
      crash ??= error;
      const ended: Ended = { code, ...said, ms: performance.now() - began };
      resolve(crash === undefined ? ended : { ...ended, crash });
    };
    child.on("error", (error) => settle(null, `could not be started: ${error.message}`));
    child.on("close", (code, signal) => settle(code, signal === null ? undefined : `ended by ${signal}`));
  });
}

/** Calls `take` with each line of a stream and its line break, which is empty if the last line has none. */
function eachLine(stream: Readable, take: (line: string, end: string) => void): void {
  let rest = "";
  stream.on("data", (text: string) => {
    const lines = (rest + text).split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines) take(line, "\n");
  });
  stream.on("end", () => {
    if (rest !== "") take(rest, "");
  });
}

/** Ends a program with everything that it started. */
export function endGroup(child: ChildProcess): void {
  if (child.pid === undefined) return;
  try {
    if (process.platform === "win32") child.kill("SIGKILL");
    else process.kill(-child.pid, "SIGKILL");
  } catch {
    // The program has already ended.
  }
}

/** Ends the running programs when a signal asks this one to end. To be called once, by a main script. */
export function endWithUs(): void {
  for (const [signal, code] of [["SIGINT", 130], ["SIGTERM", 143], ["SIGHUP", 129]] as const) {
    process.once(signal, () => {
      for (const child of running) endGroup(child);
      process.exit(code);
    });
  }
}

/** Runs the tasks, at most `width` of them at a time; the results are in the order of the tasks. */
export async function sideBySide<T>(tasks: readonly (() => Promise<T>)[], width: number): Promise<T[]> {
  const results: T[] = [];
  const queue = tasks.entries();
  const worker = async () => {
    for (const [index, task] of queue) results[index] = await task();
  };
  await Promise.all(Array.from({ length: width }, worker));
  return results;
}

/** Returns the line of counts that CI reads and adds up over all parts: "1 passed, 2 failed". */
export function countLine(passed: number, failed: number, skipped = 0): string {
  return `${passed} passed, ${failed} failed${skipped === 0 ? "" : `, ${skipped} skipped`}`;
}
