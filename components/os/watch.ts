/**
 * Watches the event loop of one bus until its end.
 * @module
 */
import { setInterval, setTimeout } from "node:timers";
import { ownDeno } from "../../platforms/process/deno_like.ts";
import { textOf } from "../../src/errors.ts";
import type { Phase } from "../../src/phase.ts";
import type { ProcessBus } from "../../src/process_bus.ts";
import { LastCall } from "./last_call.ts";
import { isDebugged, WatchdogThread } from "./watchdog_thread.ts";

/** The bus of a watchdog. */
export type WatchedBus = Pick<ProcessBus, "name" | "state" | "subscribe">;

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

/** The reason why this process cannot be ended by a signal; undefined if it can. */
export function cannotKill(): string | undefined {
  const deno = ownDeno();
  if (deno === undefined || deno.permissions.querySync({ name: "run" }).state === "granted") return undefined;
  return "Deno may not end a process by a signal; pass --allow-run";
}

/** How a bus is watched. */
export interface WatchOptions {
  /** Milliseconds in which the event loop has to turn. Default: the stop alone is watched. */
  readonly stuckMs: number | undefined;
  /** Whether the last words are a JSON object. */
  readonly json: boolean;
  readonly log: Phase["log"];
}

/** Watches one bus until its end. */
export class Watch {
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
      this.#thread = new WatchdogThread(this.#facts, place, (error) => this.#failed(error));
    } catch (error) {
      this.#failed(error);
    }
  }

  #failed(error: unknown): void {
    this.#hasFailed = true;
    this.#thread = undefined;
    const message = `The watchdog has no thread, and watches nothing: ${textOf(error)}`;
    this.#log(message, { level: "warn", event: "watchdog", error });
  }
}
