/**
 * Threads and processes that other code started, as units of the site.
 * @module
 */
import type { Worker } from "node:worker_threads";
import { checkKeys, checkName, show } from "../../src/check.ts";
import { defer } from "../../src/internal.ts";
import { isToSite } from "./protocol.ts";
import { type SiteBus, siteOf } from "./site.ts";
import { watchThreadEnd } from "./thread_end.ts";
import type { Unit, UnitEnd } from "./unit.ts";

/** The members of a thread of `node:worker_threads` that are used here. */
export interface WorkerLike {
  /** Its number in its process. */
  readonly threadId: number;
  /** Sends. */
  postMessage(message: unknown): void;
  /** Adds a listener. */
  on(name: string, listener: (...args: unknown[]) => void): unknown;
}

/** The members of a process of `node:child_process` that are used here. */
export interface ChildProcessLike {
  /** Its id; undefined where it could not be started. */
  readonly pid?: number | undefined;
  /** How it exited; null while it runs. */
  readonly exitCode: number | null;
  /** The signal that ended it. */
  readonly signalCode: string | null;
  /** Sends it a signal. */
  kill(): unknown;
  /** Adds a listener. */
  on(name: string, listener: (...args: unknown[]) => void): unknown;
}

/**
 * Takes a thread or a process that other code started into the table of units, from now to its real end. `unit:start` is
 * told at once. Where it has a bus on `embedded()`, its state is that of the bus. It is not ended with the site: who started it does that.
 *
 * @throws {TypeError} Where it is neither of them.
 * @throws {Error} Where it has ended already.
 *
 * @example
 * ```ts ignore
 * const worker = new Worker("./resize.js");
 * const resize = adopt(bus, worker, { name: "resize" });
 * console.log(await resize.ended); // { why: "asked", code: 0, ms: 1200 }
 * ```
 */
export function adopt(
  bus: SiteBus,
  worker: WorkerLike | ChildProcessLike,
  options: { readonly name: string },
): Unit {
  const name = checkName("Cannot adopt a unit", options?.name);
  const action = `Cannot adopt the unit "${name}"`;
  checkKeys(action, options, ["name"]);
  const isThread = isWorker(worker);
  if (!isThread && !isChild(worker)) {
    throw new TypeError(`${action}: it is ${show(worker)}, expected a Worker or a ChildProcess`);
  }
  const { table } = siteOf(bus);
  const { clock } = bus.platform;
  const since = clock.now();
  const ended = defer<UnitEnd>();
  let state: Unit["state"] = "spawned";
  const end = (code: number | null, signal: string | null = null) => {
    state = "ended";
    ended.resolve({
      why: code === 0 && signal === null ? "asked" : "failed",
      ...(code !== null && { code }),
      ...(signal !== null && { signal }),
      ms: clock.now() - since,
    });
  };
  if (isThread) watchThreadEnd(worker as unknown as Worker, { ended: end, lost: () => state = "unknown" });
  else {
    if (worker.pid === undefined || worker.exitCode !== null || worker.signalCode !== null) {
      throw new Error(`${action}: the process has ended already`);
    }
    worker.on("exit", (code, signal) => end(code as number | null, signal as string | null));
  }
  worker.on("message", (message) => {
    if (state !== "ended" && isToSite(message) && message.sitebus === "state") state = message.state;
  });
  const unit: Unit = Object.freeze({
    id: table.nextId(),
    name,
    kind: isThread ? "thread" : "process",
    since: clock.time(),
    ...(!isThread && { pid: worker.pid! }),
    get state() {
      return state;
    },
    generation: 0,
    ready: Promise.resolve(),
    ended: ended.promise,
  });
  table.add(unit);
  return unit;
}

function isWorker(value: unknown): value is WorkerLike {
  const { threadId, postMessage, on } = Object(value) as Partial<WorkerLike>;
  return typeof threadId === "number" && typeof postMessage === "function" && typeof on === "function";
}

function isChild(value: unknown): value is ChildProcessLike {
  const { kill, on } = Object(value) as Partial<ChildProcessLike>;
  return typeof kill === "function" && typeof on === "function" && "exitCode" in Object(value);
}
