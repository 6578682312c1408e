/**
 * Ends a process whose event loop does not turn any more.
 * @module
 */
import { setInterval, setTimeout } from "node:timers";
import { ownDeno } from "../../platforms/process/deno_like.ts";
import { checkKeys, checkMs, checkName, show } from "../../src/check.ts";
import type { Component } from "../../src/component.ts";
import { textOf } from "../../src/errors.ts";
import type { Phase } from "../../src/phase.ts";
import type { ProcessBus } from "../../src/process_bus.ts";
import { LastCall } from "./last_call.ts";
import { isDebugged, WatchdogThread } from "./watchdog_thread.ts";

/** The bus of a watchdog. */
export type WatchedBus = Pick<ProcessBus, "name" | "state" | "subscribe">;

/** When a process counts as stuck. */
export interface WatchdogOptions {
  /**
   * Milliseconds in which the event loop has to turn once, at any time; at least 300. Default: it may take as long as it
   * likes, and only the states of a stop are watched, each until its deadline.
   */
  readonly stuckMs?: number;
  /** Whether its last words are a JSON object, as `jsonLine` of `sitebus/log` makes them. Default false: a line of text. */
  readonly json?: boolean;
  /** The component's name. Default "watchdog". */
  readonly name?: string;
}

/** A shorter time would end programs that only have much to do. */
const LEAST_MS = 300;
/** How often the event loop says that it turns, in the time that it has. */
const TURNS = 3;
/** The states of a stop: a listener of theirs that never returns would keep the process for ever. */
const STOPS = [
  "drain",
  "stop",
  "idle",
  "exit",
  "exited",
  "start_error",
  "stop_error",
  "exit_error",
] as const;

/**
 * A component that ends the process by SIGKILL where its event loop stands still: in a stop, half a second after the
 * deadline of a state whose listener never gives the thread back; with `stuckMs`, at any time, half a second after that
 * many milliseconds. Before that a thread writes a line to the standard error, with the component or channel that was
 * called last, and for how long the loop has stood still.
 *
 * The thread is started when the first stop begins, or with `stuckMs` at the start. It ends nothing while a debugger is
 * attached, and for the time during which the process was frozen.
 *
 * @example
 * ```ts ignore
 * import { watchdog } from "@sitebus/sitebus/os";
 *
 * bus.use(watchdog(bus, { stuckMs: 30_000 }));
 * ```
 * @throws {TypeError} If the bus is none, or an option is unknown.
 * @throws {RangeError} If `stuckMs` is no time, or too short.
 */
export function watchdog(bus: WatchedBus, options: WatchdogOptions = {}): Component {
  const action = "Cannot make watchdog";
  if (typeof (Object(bus) as Partial<WatchedBus>).subscribe !== "function") {
    throw new TypeError(`${action}: the bus is ${show(bus)}, expected a ProcessBus`);
  }
  checkKeys(action, options, ["stuckMs", "json", "name"]);
  const { stuckMs, json = false, name = "watchdog" } = options;
  checkName(action, name);
  if (stuckMs !== undefined && checkMs(action, "stuckMs", stuckMs) < LEAST_MS) {
    throw new RangeError(`${action}: "stuckMs" is ${stuckMs}, expected at least ${LEAST_MS}`);
  }
  let watch: Watch | undefined;
  return {
    name,
    start({ log }) {
      checkKill(`Cannot start "${name}"`);
      watch ??= new Watch(bus, { stuckMs, json, log });
    },
    stop() {
      // It is removed while the bus runs; else there is still the end of the bus to watch.
      if (bus.state !== "run") return;
      watch?.end();
      watch = undefined;
    },
  };
}

/** Deno may be forbidden to send signals, also to itself. @throws {Error} Saying what is missing. */
function checkKill(action: string): void {
  const deno = ownDeno();
  if (deno === undefined || deno.permissions.querySync({ name: "run" }).state === "granted") return;
  throw new Error(`${action}: Deno may not end a process by a signal; pass --allow-run`);
}

interface WatchOptions {
  readonly stuckMs: number | undefined;
  readonly json: boolean;
  readonly log: Phase["log"];
}

/** Watches one bus until its end. */
class Watch {
  readonly #facts: { readonly bus: string; readonly json: boolean };
  readonly #stuckMs: number;
  readonly #log: Phase["log"];
  readonly #last: LastCall;
  readonly #subscriptions: readonly { unsubscribe(): boolean }[];
  readonly #turning: { unref(): unknown } | undefined;
  /** The end of the state that is watched: an instant, or none. */
  #end = Infinity;
  #looking: { unref(): unknown } | undefined;
  #thread: WatchdogThread | undefined;
  #hasFailed = false;

  constructor(bus: WatchedBus, { stuckMs = Infinity, json, log }: WatchOptions) {
    this.#facts = { bus: bus.name, json };
    this.#stuckMs = stuckMs;
    this.#log = log;
    this.#last = new LastCall(bus.state);
    const first = { priority: -Infinity, name: "watchdog" };
    this.#subscriptions = [
      ...STOPS.map((state) => bus.subscribe(state, (phase) => this.#enter(phase), first)),
      bus.subscribe("log", (record) => {
        if (this.#last.take(record)) this.#tell();
        if (record.event === "settled") this.#leave();
      }, { name: "watchdog" }),
    ];
    if (stuckMs === Infinity) return;
    const turning = setInterval(() => this.#tell(), stuckMs / TURNS);
    turning.unref();
    this.#turning = turning;
    this.#tell();
  }

  /** Ends it. */
  end(): void {
    for (const subscription of this.#subscriptions) subscription.unsubscribe();
    clearInterval(this.#turning as never);
    clearTimeout(this.#looking as never);
    this.#thread?.end();
  }

  /** A state of the stop begins. */
  #enter(phase: Phase): void {
    // On the way to a start.
    if (phase.state === "idle" && phase.from !== "stop") return;
    const look = () => {
      this.#end = performance.now() + phase.left();
      this.#tell();
      // Where the state was given more time, the thread has to know.
      const looking = setTimeout(() => {
        if (phase.left() > 0) look();
      }, Math.max(1, phase.left()));
      looking.unref();
      this.#looking = looking;
    };
    clearTimeout(this.#looking as never);
    look();
  }

  #leave(): void {
    clearTimeout(this.#looking as never);
    this.#end = Infinity;
    if (this.#last.call.state === "exited") this.end();
    else this.#tell();
  }

  /** Tells the thread where the main thread is, and starts it where there is something to watch. */
  #tell(): void {
    const seen = performance.now();
    const limit = isDebugged() ? Infinity : Math.min(this.#end, seen + this.#stuckMs);
    const place = { limit, seen, call: this.#last.call };
    if (this.#thread !== undefined) return this.#thread.tell(place);
    if (limit === Infinity || this.#hasFailed) return;
    try {
      this.#thread = new WatchdogThread(this.#facts, place);
    } catch (error) {
      this.#hasFailed = true;
      this.#log(`The watchdog has no thread, and watches nothing: ${textOf(error)}`, {
        level: "warn",
        event: "watchdog",
        error,
      });
    }
  }
}
