/**
 * One round over the listeners of a channel.
 * @module
 */
import { Call, type Caller, type Channel, type Entry, type Result, type Settled } from "./channel.ts";
import type { Deadline } from "./deadline.ts";
import type { Failure } from "./errors.ts";

/** How a round treats its listeners. */
export interface RoundOptions {
  readonly deadline?: Deadline | undefined;
  /** In their order. Default: those subscribed now. */
  readonly entries?: readonly Entry[];
  /** Calls one listener. */
  call(call: Call): unknown;
  /** Told of each listener that succeeded, and of what it returned. */
  done?(entry: Entry, value: unknown): void;
  /** Told how one has settled after the round had gone on without it. */
  late?(entry: Entry, settled: Settled): void;
  /** Told of each failure. */
  failed?(failure: Failure): void;
  /** Asked before each listener; true ends the round. */
  ended?(failures: readonly Failure[]): boolean;
}

/**
 * Calls listeners one after another; neighbours that have `waits` run side by side, each once those it comes
 * after are done. A round is data, so that another driver may go on where one died.
 */
export class Round implements Caller {
  /** Who failed, so far; a listener that was aborted by a request has not failed. */
  readonly failures: Failure[] = [];
  readonly channel: Channel;
  readonly deadline: Deadline | undefined;
  readonly #how: RoundOptions;
  #entries: readonly Entry[];
  #at = 0;
  /** Those of the present neighbours that may begin. */
  readonly #ready: Entry[] = [];
  #working = 0;
  #advancing = false;
  #abandoning = false;
  #resolve: () => void = () => {};

  constructor(channel: Channel, how: RoundOptions) {
    this.channel = channel;
    this.deadline = how.deadline;
    this.#how = how;
    this.#entries = how.entries ?? channel.entries;
  }

  /** Calls the listeners from where the round stands; resolves when it is through, unless another driver took over. */
  run(): Promise<void> {
    return new Promise((resolve) => {
      this.#resolve = resolve;
      this.#advance();
    });
  }

  /** Fails those at work: their driver died. A further `run` goes on with the others. */
  abandon(error: Error): void {
    this.#resolve = () => {};
    this.#abandoning = true;
    for (const call of this.channel.calls) if (call.caller === this) call.leave(error);
    this.#abandoning = false;
  }

  #advance(): void {
    if (this.#advancing || this.#abandoning) return;
    this.#advancing = true;
    const { ended } = this.#how;
    for (let entry; !ended?.(this.failures) && (entry = this.#next());) this.#begin(entry);
    this.#advancing = false;
    if (this.#working === 0) this.#resolve();
  }

  #next(): Entry | undefined {
    if (this.#ready.length > 0) return this.#ready.shift();
    if (this.#working > 0) return;
    const first = this.#entries[this.#at];
    if (first?.parts) {
      this.#entries = [...first.parts(), ...this.#entries.slice(this.#at + 1)];
      this.#at = 0;
    } else if (first?.waits === undefined) {
      this.#at++;
      return first;
    }
    for (; this.#entries[this.#at]?.waits !== undefined; this.#at++) {
      const entry = this.#entries[this.#at]!;
      if (entry.waits === 0) this.#ready.push(entry);
    }
    return this.#ready.shift() ?? (first?.parts && this.#next());
  }

  #begin(entry: Entry): void {
    if (!this.channel.turn(entry)) return;
    this.#working++;
    new Call(this, entry).begin();
  }

  body(call: Call): unknown {
    return this.#how.call(call);
  }

  done(call: Call, result: Result): void {
    const { entry } = call;
    this.#working--;
    entry.done?.(result, call);
    if ("value" in result) this.#how.done?.(entry, result.value);
    else if (this.#abandoning || result.failure.kind !== "abort") {
      this.failures.push(result.failure);
      this.channel.core.logFailure(result.failure);
      this.#how.failed?.(result.failure);
    }
    if (entry.followers) {
      for (const follower of entry.followers) if (--follower.waits! === 0) this.#ready.push(follower);
    }
    if (this.#working === 0 || this.#ready.length > 0) this.#advance();
  }

  late(call: Call, settled: Settled): void {
    const { entry } = call;
    entry.late?.(settled, call);
    this.#how.late?.(entry, settled);
  }
}
