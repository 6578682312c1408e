/**
 * Runs a program to its end and keeps what it said. Each is the head of a process group of its own, so that
 * its time limit, or our own end, takes everything that it started along.
 * @module
 */
import { type ChildProcess, spawn } from "node:child_process";
import type { Readable } from "node:stream";
import { patient } from "./patience.ts";
import { root } from "./tools.ts";

/** How a program ended. `code` is null where a signal ended it. */
export interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
  /** Both streams, in the order in which they came. */
  readonly output: string;
  readonly ms: number;
  /** Why it counts as crashed: it could not start, took too long, or died by a signal. */
  readonly crash?: string;
}

/** How a program is run. */
export interface CommandOptions {
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** Milliseconds that the program may take, on a machine that is as fast as the reference. Default 120,000. */
  readonly timeoutMs?: number;
  /**
   * Is called with each line that the program prints. Where it returns true, the line is a sign of progress: it is left
   * out of the output, and the time limit begins anew, so that `timeoutMs` limits the silence and not the whole.
   */
  readonly isProgress?: (line: string) => boolean;
}

const running = new Set<ChildProcess>();

/** Ends a program, which must head a group of its own, together with us; see `endWithUs`. */
export function adopt<T extends ChildProcess>(child: T): T {
  running.add(child);
  child.once("exit", () => running.delete(child));
  return child;
}

/** Never rejects: what went wrong is in the result. */
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
      // Something that left the group may still hold the pipes: "close" would then never come.
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

/** Calls `take` with each line of a stream, and with what ends it: nothing, where the last one has no line break. */
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

/** Ends a program with all that it started. */
export function endGroup(child: ChildProcess): void {
  if (child.pid === undefined) return;
  try {
    if (process.platform === "win32") child.kill("SIGKILL");
    else process.kill(-child.pid, "SIGKILL");
  } catch {
    // It has ended meanwhile.
  }
}

/** Takes the running programs along when this one is asked to end. To be called once, by a main script. */
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

/** "1 passed", "2 failed": the one line that CI reads, and that adds up over all parts. */
export function countLine(passed: number, failed: number, skipped = 0): string {
  return `${passed} passed, ${failed} failed${skipped === 0 ? "" : `, ${skipped} skipped`}`;
}
