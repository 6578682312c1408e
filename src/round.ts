/**
 * One round over the listeners of a channel.
 * @module
 */
import { after } from "./_deferred.ts";
import type { Channel, Entry, Result, Settled } from "./channel.ts";
import type { Deadline } from "./deadline.ts";
import type { Failure } from "./errors.ts";

/** How a round treats its listeners. */
export interface RoundOptions {
  readonly deadline?: Deadline | undefined;
  /** In their order. Default: those subscribed now. */
  readonly entries?: readonly Entry[];
  /** Calls one listener; `limit` is its own deadline where it has one. */
  call(entry: Entry, limit: Deadline | undefined): unknown;
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
 * Calls listeners one after another; neighbours that have an `after` run side by side, each once those in it
 * are done. A round is data, so that another driver may go on where one died.
 */
export class Round {
  /** Who failed, so far; a listener that was aborted by a request has not failed. */
  readonly failures: Failure[] = [];
  readonly #channel: Channel;
  readonly #how: RoundOptions;
  readonly #entries: Entry[];
  #at = 0;
  /** Those of the present neighbours that may begin, and for how many others each further one waits. */
  readonly #ready: Entry[] = [];
  readonly #waiting = new Map<Entry, number>();
  readonly #followers = new Map<Entry, Entry[]>();
  readonly #working = new Set<Entry>();
  #advancing = false;
  #resolve: () => void = () => {};

  constructor(channel: Channel, how: RoundOptions) {
    this.#channel = channel;
    this.#how = how;
    this.#entries = [...how.entries ?? channel.entries];
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
    const { calls, name, core } = this.#channel;
    this.#resolve = () => {};
    for (const call of calls) {
      const { entry } = call;
      if (!entry || call.late || !this.#working.has(entry)) continue;
      call.late = true;
      const ms = core.clock.now() - call.since;
      this.#settle(
        entry,
        { failure: { channel: name, listener: call.name, kind: "abort", ms, error } },
        true,
      );
    }
  }

  #advance(): void {
    if (this.#advancing) return;
    this.#advancing = true;
    for (let entry; !this.#how.ended?.(this.failures) && (entry = this.#next());) this.#begin(entry);
    this.#advancing = false;
    if (this.#working.size === 0) this.#resolve();
  }

  #next(): Entry | undefined {
    const entry = this.#ready.shift();
    if (entry || this.#working.size > 0) return entry;
    const first = this.#entries[this.#at];
    if (first?.parts) this.#entries.splice(this.#at, 1, ...first.parts());
    else if (!first?.after) {
      this.#at++;
      return first;
    }
    for (let entry; (entry = this.#entries[this.#at])?.after; this.#at++) {
      this.#waiting.set(entry, entry.after.length);
      if (entry.after.length === 0) this.#ready.push(entry);
      for (const before of entry.after) {
        const followers = this.#followers.get(before);
        if (followers) followers.push(entry);
        else this.#followers.set(before, [entry]);
      }
    }
    return this.#ready.shift() ?? (first?.parts && this.#next());
  }

  #begin(entry: Entry): void {
    const { deadline: shared, call } = this.#how;
    if (!this.#channel.turn(entry)) return;
    const { name, within } = entry;
    const own = within === undefined ? undefined : shared?.child(name, within);
    const body = () => call(entry, own);
    this.#working.add(entry);
    after(this.#channel.attempt({ name, body, deadline: own ?? shared, entry }), (result) => {
      own?.close();
      if ("failure" in result) {
        void result.late?.then((settled) => {
          entry.late?.(settled);
          this.#how.late?.(entry, settled);
        });
      }
      if (this.#working.has(entry)) this.#settle(entry, result);
    });
  }

  #settle(entry: Entry, result: Result, abandoned = false): void {
    this.#working.delete(entry);
    entry.done?.(result);
    if ("value" in result) this.#how.done?.(entry, result.value);
    else if (abandoned || result.failure.kind !== "abort") {
      this.failures.push(result.failure);
      this.#channel.core.logFailure(result.failure);
      this.#how.failed?.(result.failure);
    }
    for (const follower of this.#followers.get(entry) ?? []) {
      const count = this.#waiting.get(follower)! - 1;
      this.#waiting.set(follower, count);
      if (count === 0) this.#ready.push(follower);
    }
    if (!abandoned) this.#advance();
  }
}
