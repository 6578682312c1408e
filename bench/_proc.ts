/**
 * What Linux counts of a process from outside; nothing elsewhere.
 * @module
 */
import { readdirSync, readFileSync } from "node:fs";
import process from "node:process";

/** Counts since the process began. */
export interface Counts {
  /** CPU milliseconds, in steps of 10. */
  readonly cpuMs: number;
  /** How often each thread went to sleep, and so how often it was woken. The main thread has the process's id. */
  readonly sleeps: ReadonlyMap<number, number>;
}

/** What came between two readings. */
export interface Difference {
  readonly cpuMs: number;
  readonly mainWoken: number;
  readonly anyWoken: number;
}

// USER_HZ, which is 100 wherever Node runs.
const tickMs = 10;

/** Reads them, where there is such a thing. */
export function readCounts(pid: number): Counts | undefined {
  if (process.platform !== "linux") return undefined;
  // What stands before the last bracket is a name, and may have spaces.
  const fields = readFileSync(`/proc/${pid}/stat`, "utf8").replace(/^.*\) /, "").split(" ");
  const sleeps = new Map<number, number>();
  for (const thread of readdirSync(`/proc/${pid}/task`)) {
    try {
      const status = readFileSync(`/proc/${pid}/task/${thread}/status`, "utf8");
      sleeps.set(Number(thread), Number(/^voluntary_ctxt_switches:\s*(\d+)/m.exec(status)?.[1]));
    } catch {
      // The thread has ended meanwhile.
    }
  }
  return { cpuMs: (Number(fields[11]) + Number(fields[12])) * tickMs, sleeps };
}

/** CPU milliseconds of all threads that a process has now, to the nanosecond; NaN where the system does not tell. */
export function cpuMsOf(pid: number): number {
  if (process.platform !== "linux") return NaN;
  let nanoseconds = 0;
  for (const thread of readdirSync(`/proc/${pid}/task`)) {
    try {
      nanoseconds += Number(readFileSync(`/proc/${pid}/task/${thread}/schedstat`, "utf8").split(" ")[0]);
    } catch {
      // The thread has ended meanwhile.
    }
  }
  return nanoseconds / 1e6;
}

/** Takes one reading from a later one; of threads that began or ended between them nothing is known. */
export function difference(pid: number, before?: Counts, after?: Counts): Difference | undefined {
  if (before === undefined || after === undefined) return undefined;
  const woken = (thread: number) => (after.sleeps.get(thread) ?? NaN) - (before.sleeps.get(thread) ?? NaN);
  const both = [...after.sleeps.keys()].filter((thread) => before.sleeps.has(thread));
  return {
    cpuMs: after.cpuMs - before.cpuMs,
    mainWoken: woken(pid),
    anyWoken: both.reduce((sum, thread) => sum + woken(thread), 0),
  };
}
