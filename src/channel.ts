/**
 * One channel: its listeners in order, who of them is still at work, and the round that calls them.
 * @module
 */
import type { Core } from "./_core.ts";
import type { Signal } from "./_web.ts";
import { type Deadline, namedError } from "./deadline.ts";
import type { Failure } from "./errors.ts";
import type { Phase } from "./states.ts";

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
  /** Given, it is called instead, as a method. */
  act?(phase: Phase, since: number): unknown;
  name: string;
  priority: number;
  within?: number | undefined;
  once?: boolean;
  /** Given, it stands for these, which are asked for when its turn comes. */
  parts?: () => readonly Entry[];
  /** Given, its neighbours that have one run beside it: it comes after so many of them. */
  waits?: number;
  /** Those of its neighbours that come after it. */
  followers?: Entry[] | undefined;
  /** Told what its call came to. */
  done?(result: Result, call: Call): void;
  /** Told how its call has settled after the bus had gone on without it. */
  late?(settled: Settled, call: Call): void;
  /** Set once it is unsubscribed: it does not run any more, not even in the round under way. */
  removed?: boolean;
  /** Lets go of the signal it was subscribed with. */
  release?: () => void;
}

/** How something called has settled. */
export type Settled = { readonly value: unknown } | { readonly error: unknown };

/** What a piece of work came to; `late`: it was waited for until its deadline, and still runs. */
export type Result = { readonly value: unknown } | { readonly failure: Failure; readonly late?: boolean };

/** Who calls listeners, or anything else, under a deadline, and is told what came of each call. */
export interface Caller {
  readonly channel: Channel;
  /** None: they are awaited for as long as it takes. */
  readonly deadline: Deadline | undefined;
  /** Makes the call. */
  body(call: Call): unknown;
  /** Told once what it came to. */
  done(call: Call, result: Result): void;
  /** Told how it has settled after the bus had gone on without it. */
  late(call: Call, settled: Settled): void;
}

/** A named piece of work, to be called once. */
export interface Work {
  readonly name: string;
  readonly deadline?: Deadline;
  body(): unknown;
  /** Told how it has settled after the bus had gone on without it. */
  late?(settled: Settled): void;
}

/** One call of one listener. It never throws nor rejects. */
export class Call {
  readonly caller: Caller;
  readonly entry: Entry;
  /** Its own deadline, where it has one. */
  readonly own: Deadline | undefined;
  readonly deadline: Deadline | undefined;
  readonly since: number;
  /** Whether the bus has gone on without it. */
  late = false;
  settled = false;
  /** Its neighbours in the list of its channel. */
  next: Call | undefined;
  previous: Call | undefined;

  constructor(caller: Caller, entry: Entry) {
    const { deadline, channel } = caller;
    const { name, within } = entry;
    this.caller = caller;
    this.entry = entry;
    this.own = within === undefined ? undefined : deadline?.child(name, within);
    this.deadline = this.own ?? deadline;
    this.since = this.own?.start ?? channel.core.clock.now();
  }

  /** Makes the call, and where it returns a promise, waits for that within the deadline. */
  begin(): void {
    const { caller } = this;
    let result: Result;
    try {
      const value = caller.body(this);
      if (isThenable(value)) return this.#wait(value);
      result = { value };
    } catch (error) {
      result = this.#failed(error);
    }
    caller.done(this, result);
  }

  /** Goes on without it, where it has not settled: its time is over, or (`error`) whoever drove it is gone. */
  leave(error?: Error): void {
    if (this.late || this.settled) return;
    this.late = true;
    const text = `${this.#title()} still runs after ${this.#ms()} ms`;
    const result = error
      ? this.#failed(error, "abort")
      : { ...this.#failed(namedError("TimeoutError", text), "timeout"), late: true };
    this.caller.done(this, result);
  }

  #wait(value: PromiseLike<unknown>): void {
    const { calls } = this.caller.channel;
    calls.add(this);
    Promise.resolve(value).then(
      (value) => this.#settle({ value }),
      (error) => this.#settle({ error }),
    );
    this.deadline?.wait(this, calls);
  }

  #settle(settled: Settled): void {
    const { caller } = this;
    this.settled = true;
    caller.channel.calls.remove(this);
    if (this.late) {
      const message = `${this.#title()} settled late, after ${this.#ms()} ms`;
      caller.channel.core.log(message, { level: "warn", ...settled });
      caller.late(this, settled);
    } else caller.done(this, "value" in settled ? settled : this.#failed(settled.error));
  }

  #failed(error: unknown, kind: Failure["kind"] = kindOf(error, this.deadline)): Result {
    const { name: channel, core } = this.caller.channel;
    return {
      failure: { channel, listener: this.entry.name, kind, ms: core.clock.now() - this.since, error },
    };
  }

  #title(): string {
    return `"${this.entry.name}" on "${this.caller.channel.name}"`;
  }

  #ms(): number {
    return Math.round(this.caller.channel.core.clock.now() - this.since);
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
  /** Whether one of them has a time of its own. */
  isLimited = false;
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
    this.isLimited = entries.some(({ within }) => within !== undefined);
  }

  /** Whether it is `entry`'s turn: still subscribed, and taken off now where it runs once. */
  turn(entry: Entry): boolean {
    if (entry.removed) return false;
    if (entry.once) this.remove(entry.listener);
    return true;
  }

  /** Calls a piece of work; resolves to what it came to, and never rejects. */
  outcome({ name, deadline, body, late = () => {} }: Work): Promise<Result> {
    return new Promise((resolve) => {
      const caller: Caller = {
        channel: this,
        deadline,
        body,
        done: (_, result) => resolve(result),
        late: (_, settled) => late(settled),
      };
      new Call(caller, { name, priority: 50, listener: body }).begin();
    });
  }
}

/** Whether it can be awaited. */
export function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof value === "object" && value !== null &&
    typeof (value as { readonly then?: unknown }).then === "function";
}

/** What rejects because its signal aborted says why by it: a request is `abort`, the clock `timeout`. */
function kindOf(error: unknown, deadline: Deadline | undefined): Failure["kind"] {
  const { name, cause } = Object(error) as { name?: unknown; cause?: unknown };
  if (!deadline?.aborted || ![error, cause].includes(deadline.reason) && name !== "AbortError") {
    return "throw";
  }
  return deadline.aborted === "request" ? "abort" : "timeout";
}
