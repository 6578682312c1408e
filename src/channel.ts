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
  /** Given, its neighbours that have one run beside it: it comes after so many of them. */
  waits?: number;
  /** Those of its neighbours that come after it. */
  followers?: Entry[];
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

/** What a piece of work came to; `late`: it was waited for until its deadline, and still runs. */
export type Result = { readonly value: unknown } | { readonly failure: Failure; readonly late?: boolean };

/** A named piece of work, to be called under a deadline. */
export interface Work {
  readonly name: string;
  body(): unknown;
  /** None: it is awaited for as long as it takes. */
  readonly deadline?: Deadline | undefined;
  /** When it begins, by the clock. Default: now. */
  readonly since?: number | undefined;
  readonly entry?: Entry;
  /** Told once what it came to. */
  done(result: Result): void;
  /** Told how it has settled after the bus had gone on without it. */
  late?(settled: Settled): void;
}

/** One call of a piece of work. */
export class Call {
  readonly work: Work;
  readonly since: number;
  /** Whether the bus has gone on without it. */
  late = false;
  settled = false;
  /** Its neighbours in the list of its channel. */
  next: Call | undefined;
  previous: Call | undefined;
  readonly #channel: Channel;

  constructor(work: Work, channel: Channel) {
    this.work = work;
    this.#channel = channel;
    this.since = work.since ?? channel.core.clock.now();
  }

  /** Waits for what was returned. */
  wait(value: PromiseLike<unknown>): void {
    this.#channel.calls.add(this);
    Promise.resolve(value).then(
      (value) => this.#settle({ value }),
      (error) => this.#settle({ error }),
    );
    this.work.deadline?.wait(this, this.#channel.calls);
  }

  /** What it has failed with. */
  failed(error: unknown, kind: Failure["kind"] = kindOf(error, this.work.deadline)): Result {
    const { name: channel, core } = this.#channel;
    return { failure: { channel, listener: this.work.name, kind, ms: core.clock.now() - this.since, error } };
  }

  /** Goes on without it, where it has not settled: its time is over, or (`error`) whoever drove it is gone. */
  leave(error?: Error): void {
    const { work } = this;
    if (this.late || this.settled) return;
    this.late = true;
    if (error) return work.done(this.failed(error, "abort"));
    const failed = namedError("TimeoutError", `${this.#title()} still runs after ${this.#ms()} ms`);
    work.done({ ...this.failed(failed, "timeout"), late: true });
  }

  #settle(settled: Settled): void {
    const { work } = this;
    this.settled = true;
    this.#channel.calls.remove(this);
    if (this.late) {
      const message = `${this.#title()} settled late, after ${this.#ms()} ms`;
      this.#channel.core.log(message, { level: "warn", ...settled });
      work.late?.(settled);
    } else work.done("value" in settled ? settled : this.failed(settled.error));
  }

  #title(): string {
    return `"${this.work.name}" on "${this.#channel.name}"`;
  }

  #ms(): number {
    return Math.round(this.#channel.core.clock.now() - this.since);
  }
}

/** Those who were called and have not settled, in that order. Linked: a Set costs more than the rest of a call. */
export class CallList implements Iterable<Call> {
  #first: Call | undefined;
  #last: Call | undefined;

  add(call: Call): void {
    call.previous = this.#last;
    if (this.#last) this.#last.next = call;
    else this.#first = call;
    this.#last = call;
  }

  remove({ previous, next }: Call): void {
    if (previous) previous.next = next;
    else this.#first = next;
    if (next) next.previous = previous;
    else this.#last = previous;
  }

  *[Symbol.iterator](): Iterator<Call> {
    for (let call = this.#first; call; call = call.next) yield call;
  }
}

/** One channel of a bus. */
export class Channel {
  readonly name: string;
  readonly core: Core;
  /** Whether the bus alone publishes on it. */
  readonly isOwn: boolean;
  /** In the order of their turn. Replaced, never changed, so that a round keeps the list it began with. */
  entries: readonly Entry[] = [];
  /** What they return where none returns anything. */
  nothing: readonly undefined[] = [];
  /** The late ones among them stay here until they settle. */
  readonly calls: CallList = new CallList();

  constructor(name: string, core: Core) {
    this.name = name;
    this.core = core;
    this.isOwn = core.own.includes(name);
  }

  /** Adds a listener; the same one again replaces its options and keeps its place. */
  add(listener: Listener<never[]>, options: SubscribeOptions = {}): void {
    const { name = listener.name || "anonymous", priority = 50, within, once = false, signal } = options;
    if (signal?.aborted) return;
    const found = this.entries.find((entry) => entry.listener === listener);
    found?.release?.();
    const abort = () => this.remove(listener);
    signal?.addEventListener("abort", abort);
    const release = () => signal?.removeEventListener("abort", abort);
    // All properties at once: an object that grows is slower to read.
    const entry: Entry = { listener, name, priority, within, once, release, removed: false };
    const entries = found ? this.entries : [...this.entries, entry];
    if (found) Object.assign(found, entry);
    this.#list([...entries].sort((a, b) => a.priority - b.priority));
  }

  /** Removes a listener; false where it is not there. */
  remove(listener: Listener<never[]>): boolean {
    const entry = this.entries.find((entry) => entry.listener === listener);
    if (!entry) return false;
    entry.removed = true;
    entry.release?.();
    this.#list(this.entries.filter((other) => other !== entry));
    return true;
  }

  #list(entries: readonly Entry[]): void {
    this.entries = entries;
    this.nothing = entries.map(() => undefined);
  }

  /** Whether it is `entry`'s turn: still subscribed, and taken off now where it runs once. */
  turn(entry: Entry): boolean {
    if (entry.removed) return false;
    if (entry.once) this.remove(entry.listener);
    return true;
  }

  /** Calls a piece of work, and where it returns a promise, waits for it within the deadline. Never throws. */
  attempt(work: Work): void {
    const call = new Call(work, this);
    let result: Result;
    try {
      const value = work.body();
      if (isThenable(value)) return call.wait(value);
      result = { value };
    } catch (error) {
      result = call.failed(error);
    }
    work.done(result);
  }

  /** Attempts a piece of work, as a promise that never rejects. */
  outcome(work: Omit<Work, "done">): Promise<Result> {
    return new Promise((resolve) => this.attempt({ ...work, done: resolve }));
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
