/**
 * The thread of the watchdog: it sleeps until the event loop of the main thread should have turned, and ends the process
 * where it has not. Everything between the threads is shared memory, since a thread that stands still answers no message.
 * @module
 */
import process from "node:process";
import { Worker } from "node:worker_threads";

/** The facts that the thread needs to write its last words. */
export interface Facts {
  /** The name of the bus. */
  readonly bus: string;
  /** Whether they are one JSON object. */
  readonly json: boolean;
}

/** The last call of a bus: a component, else a listener of the channel; neither if it is at rest. */
export interface Called {
  readonly state: string;
  readonly listener?: string;
  readonly channel?: string;
}

/** Where and since when the main thread is. */
export interface Place {
  /** The instant by which the main thread has to move on, by `performance.now()`; `Infinity` for never. */
  readonly limit: number;
  /** When it turned last. */
  readonly seen: number;
  /** Its last call. */
  readonly call: Called;
}

/** The layout of the shared memory: a version and the length of the text; limit and seen; the text. */
const [WORDS, TIMES, TEXT, SIZE] = [0, 8, 24, 4096];

/** How long after its limit the main thread is looked at, and looked at again: together not quite half a second. */
const LOOK_MS = 240;

/** The thread. It sees each place that the main thread writes. */
export class WatchdogThread {
  readonly #memory = new SharedArrayBuffer(SIZE);
  readonly #words = new Int32Array(this.#memory, WORDS, 2);
  readonly #times = new Float64Array(this.#memory, TIMES, 2);
  readonly #text = new Uint8Array(this.#memory, TEXT);
  readonly #encoder = new TextEncoder();
  #limit = Infinity;
  #said = "";

  /**
   * Starts the thread. `failed` is called where it ends by an error, such as for want of memory.
   * @throws {Error} Where the runtime may not start one.
   */
  constructor(facts: Facts, place: Place, failed: (error: unknown) => void) {
    this.#write(place);
    const { seen } = place;
    const workerData = { ...facts, memory: this.#memory, seen, sentAt: Date.now(), lookMs: LOOK_MS };
    // Flags such as --import are for the program alone.
    const thread = new Worker(SOURCE, { eval: true, workerData, execArgv: [] });
    thread.unref();
    thread.on("error", failed);
  }

  /** Says where the main thread is. The thread is woken only where its limit is sooner than before. */
  tell(place: Place): void {
    const isSooner = place.limit < this.#limit;
    this.#write(place);
    if (isSooner) Atomics.notify(this.#words, 0);
  }

  /** Ends the thread. */
  end(): void {
    Atomics.store(this.#words, 0, -1);
    Atomics.notify(this.#words, 0);
  }

  #write({ limit, seen, call }: Place): void {
    this.#limit = limit;
    this.#times[0] = limit;
    this.#times[1] = seen;
    const said = JSON.stringify(call);
    if (said !== this.#said) {
      this.#said = said;
      const { written } = this.#encoder.encodeInto(said, this.#text);
      this.#words[1] = written;
    }
    // Last: whoever sees the new version sees all of it.
    Atomics.store(this.#words, 0, (Atomics.load(this.#words, 0) + 1) & 0x3fffffff);
  }
}

/**
 * The program of the thread. Its clock may begin elsewhere than that of the main thread: `shift` is between them. A place
 * that is over is looked at twice, so that a process that was frozen has its turn before it is judged. It writes to the
 * descriptor itself, since what a thread prints goes through the main thread.
 */
const SOURCE = `
const { writeSync } = require("node:fs");
const { workerData } = require("node:worker_threads");
const { memory, seen, sentAt, lookMs, bus, json } = workerData;
const words = new Int32Array(memory, ${WORDS}, 2);
const times = new Float64Array(memory, ${TIMES}, 2);
const text = new Uint8Array(memory, ${TEXT});
const begun = Math.min(Math.max(Date.now() - sentAt, 0), 2000);
const shift = seen + begun - performance.now();
const now = () => performance.now() + shift;
for (;;) {
  const version = Atomics.load(words, 0);
  if (version === -1) break;
  const rest = times[0] + lookMs - now();
  if (rest > 0) {
    Atomics.wait(words, 0, version, Math.min(rest, 2 ** 31 - 1));
    continue;
  }
  const asked = now();
  Atomics.wait(words, 0, version, lookMs);
  if (Atomics.load(words, 0) !== version || now() - asked > 1000 + lookMs) continue;
  const call = JSON.parse(new TextDecoder().decode(text.slice(0, words[1])));
  const { state, listener, channel } = call;
  const last = listener ? '"' + listener + '" on "' + channel + '" was called last'
    : channel ? 'a listener of "' + channel + '" was called last'
    : 'the bus was at rest in "' + state + '"';
  const ms = Math.round(now() - times[1]);
  const message = "The process is ended by force: its event loop has stood still for " + ms + " ms; " + last;
  const record = {
    time: new Date().toISOString(), level: "error", message, bus, ...call, event: "stuck", ms,
  };
  try {
    writeSync(2, json ? JSON.stringify(record) + "\\n" : bus + ": error: " + message + "\\n");
  } catch {}
  process.kill(process.pid, "SIGKILL");
}
`;

/** Whether a debugger is attached: it stops the main thread for as long as its user thinks. */
export function isDebugged(): boolean {
  const inspector = process.getBuiltinModule?.("node:inspector") as
    | { readonly url?: () => string | undefined }
    | undefined;
  try {
    return inspector?.url?.() !== undefined;
  } catch {
    return false;
  }
}
