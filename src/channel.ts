/**
 * One channel: its listeners in order, who of them is still at work, and the round that calls them.
 * @module
 */
import type { Core } from "./_core.ts";
import type { Signal } from "./_web.ts";
import { type Deadline, namedError } from "./deadline.ts";
import type { Failure } from "./errors.ts";

/** A function subscribed to a channel. A promise it returns is awaited by `publish`. */
export type Listener<A extends readonly unknown[]> = (...args: A) => unknown;

/** How a listener is subscribed. */
export interface SubscribeOptions {
  /** Lower runs first. Default 50; equal priorities run in order of subscription. */
  readonly priority?: number;
  /** How it is named in failures, logs and `inspect()`. Default: the function's own name. */
  readonly name?: string;
  /** Milliseconds after which the round goes on without it. Default: the phase's own deadline. */
  readonly within?: number;
  /** Whether it is removed before its first run. Default false. */
  readonly once?: boolean;
  /** Unsubscribes when it aborts; already aborted, nothing is subscribed. */
  readonly signal?: Signal;
}

/** One listener on its channel. */
export interface Entry {
  readonly listener: Listener<never[]>;
  name: string;
  priority: number;
  within?: number | undefined;
  once?: boolean;
  /** Given, it stands for these, which are asked for when its turn comes. */
  parts?: () => readonly Entry[];
  /** Given, its neighbours that have one run beside it: it comes after those in the list alone. */
  after?: readonly Entry[];
  /** Told what its call came to. */
  done?: (result: Result) => void;
  /** Told how its call has settled after the bus had gone on without it. */
  late?: (settled: Settled) => void;
  /** Set once it is unsubscribed: it does not run any more, not even in the round under way. */
  removed?: boolean;
  /** Lets go of the signal it was subscribed with. */
  release?: () => void;
}

/** How something called has settled. */
export type Settled = { readonly value: unknown } | { readonly error: unknown };

/** Something called that has not settled yet. */
export interface Call {
  readonly name: string;
  readonly since: number;
  readonly entry: Entry | undefined;
  /** Whether the bus has gone on without it. */
  late: boolean;
}

/** A named piece of work, to be called under a deadline. */
export interface Work {
  readonly name: string;
  readonly body: () => unknown;
  /** None: it is awaited for as long as it takes. */
  readonly deadline?: Deadline | undefined;
  readonly entry?: Entry;
}

/** What a piece of work came to; `late` is what comes of it after the bus has gone on without it. */
export type Result =
  | { readonly value: unknown }
  | { readonly failure: Failure; readonly late?: Promise<Settled> };

/** One channel of a bus. */
export class Channel {
  readonly name: string;
  readonly core: Core;
  /** In the order of their turn. Replaced, never changed, so that a round keeps the list it began with. */
  entries: readonly Entry[] = [];
  /** Who was called and has not settled: the late ones among them stay here until they do. */
  readonly calls: Set<Call> = new Set();

  constructor(name: string, core: Core) {
    this.name = name;
    this.core = core;
  }

  /** Adds a listener; the same one again replaces its options and keeps its place. */
  add(listener: Listener<never[]>, options: SubscribeOptions = {}): void {
    const { name = listener.name || "anonymous", priority = 50, within, once = false, signal } = options;
    if (signal?.aborted) return;
    const found = this.entries.find((entry) => entry.listener === listener);
    found?.release?.();
    const entry: Entry = Object.assign(found ?? { listener }, { name, priority, within, once });
    const abort = () => this.remove(listener);
    signal?.addEventListener("abort", abort);
    entry.release = () => signal?.removeEventListener("abort", abort);
    this.entries = [...this.entries, ...found ? [] : [entry]].sort((a, b) => a.priority - b.priority);
  }

  /** Removes a listener; false where it is not there. */
  remove(listener: Listener<never[]>): boolean {
    const entry = this.entries.find((entry) => entry.listener === listener);
    if (!entry) return false;
    entry.removed = true;
    entry.release?.();
    this.entries = this.entries.filter((other) => other !== entry);
    return true;
  }

  /** Whether it is `entry`'s turn: still subscribed, and taken off now where it runs once. */
  turn(entry: Entry): boolean {
    if (entry.removed) return false;
    if (entry.once) this.remove(entry.listener);
    return true;
  }

  /** Calls a piece of work, and where it returns a promise, waits for it within the deadline. Never throws nor rejects. */
  attempt({ name, body, deadline, entry }: Work): Result | Promise<Result> {
    const { core } = this;
    const call: Call = { name, since: core.clock.now(), entry, late: false };
    const fail = (kind: Failure["kind"], error: unknown, late?: Promise<Settled>): Result => {
      const ms = core.clock.now() - call.since;
      return { failure: { channel: this.name, listener: name, kind, ms, error }, ...late && { late } };
    };
    const done = (settled: Settled): Result => {
      this.calls.delete(call);
      return "value" in settled ? settled : fail(kindOf(settled.error, deadline), settled.error);
    };
    let value: unknown;
    try {
      value = body();
      if (!isThenable(value)) return { value };
    } catch (error) {
      return done({ error });
    }
    this.calls.add(call);
    const settled = Promise.resolve(value).then(
      (value): Settled => ({ value }),
      (error): Settled => ({ error }),
    );
    if (!deadline) return settled.then(done);
    return deadline.wait(settled).then((inTime) => {
      if (inTime && !call.late) return done(inTime);
      // The failure of what was abandoned is told already.
      const kind = call.late ? "abort" : "timeout";
      call.late = true;
      const ms = () => Math.round(core.clock.now() - call.since);
      const late = settled.then((settled) => {
        done(settled);
        core.log(`"${name}" on "${this.name}" settled late, after ${ms()} ms`, { level: "warn", ...settled });
        return settled;
      });
      const text = `"${name}" on "${this.name}" still runs after ${ms()} ms`;
      return fail(kind, namedError("TimeoutError", text), late);
    });
  }
}

/** Whether it can be awaited. */
export function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof value === "object" && value !== null && "then" in value && typeof value.then === "function";
}

/** What rejects because its signal aborted says why by it: a request is `abort`, the clock `timeout`. */
function kindOf(error: unknown, deadline: Deadline | undefined): Failure["kind"] {
  const { name, cause } = Object(error) as { name?: unknown; cause?: unknown };
  if (!deadline?.aborted || ![error, cause].includes(deadline.reason) && name !== "AbortError") {
    return "throw";
  }
  return deadline.aborted === "request" ? "abort" : "timeout";
}
