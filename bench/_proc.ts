/**
 * Reads the counters that Linux keeps of a process; undefined on other systems.
 * @module
 */
import { readdirSync, readFileSync } from "node:fs";
import process from "node:process";

/** The counters since the process began. */
export interface Counts {
  /** CPU milliseconds, in steps of 10. */
  readonly cpuMs: number;
  /** How often each thread went to sleep, and so how often it was woken. The main thread has the process's id. */
  readonly sleeps: ReadonlyMap<number, number>;
}

/** The difference of two readings. */
export interface Difference {
  readonly cpuMs: number;
  readonly mainWoken: number;
  readonly anyWoken: number;
}

// USER_HZ, which is 100 on all systems where Node runs.
const tickMs = 10;

/** Reads the counters; undefined if the system has none. */
export function readCounts(pid: number): Counts | undefined {
  if (process.platform !== "linux") return undefined;
  // The text before the last bracket has a name, which may contain spaces.
  const fields = readFileSync(`/proc/${pid}/stat`, "utf8").replace(/^.*\) /, "")
    .split(" ");
  const sleeps = new Map<number, number>();
  for (const thread of readdirSync(`/proc/${pid}/task`)) {
    try {
      const status = readFileSync(`/proc/${pid}/task/${thread}/status`, "utf8");
      sleeps.set(
        Number(thread),
        Number(/^voluntary_ctxt_switches:\s*(\d+)/m.exec(status)?.[1]),
      );
    } catch {
      // The thread has ended meanwhile.
    }
  }
  return { cpuMs: (Number(fields[11]) + Number(fields[12])) * tickMs, sleeps };
}

/** Returns the CPU milliseconds of all current threads of a process, to the nanosecond; NaN if the system does not report them. */
export function cpuMsOf(pid: number): number {
  if (process.platform !== "linux") return NaN;
  let nanoseconds = 0;
  for (const thread of readdirSync(`/proc/${pid}/task`)) {
    try {
      nanoseconds += Number(
        readFileSync(`/proc/${pid}/task/${thread}/schedstat`, "utf8").split(
          " ",
        )[0],
      );
    } catch {
      // The thread has ended meanwhile.
    }
  }
  return nanoseconds / 1e6;
}

/** Subtracts one reading from a later one. Threads that began or ended between the two are left out. */
export function difference(
  pid: number,
  before?: Counts,
  after?: Counts,
): Difference | undefined {
  if (before === undefined || after === undefined) return undefined;
  const woken = (thread: number) => (after.sleeps.get(thread) ?? NaN) - (before.sleeps.get(thread) ?? NaN);
  const both = [...after.sleeps.keys()].filter((thread) => before.sleeps.has(thread));
  return {
    cpuMs: after.cpuMs - before.cpuMs,
    mainWoken: woken(pid),
    anyWoken: both.reduce((sum, thread) => sum + woken(thread), 0),
  };
}
