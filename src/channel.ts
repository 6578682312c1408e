/**
 * One channel: its listeners in the order of their turn.
 * @module
 */
import { onAbort, type Signal } from "./_web.ts";
import type { Owner } from "./owner.ts";

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
  readonly channel: Channel;
  name: string;
  priority: number;
  within: number | undefined;
  once: boolean;
  /** The guest that subscribed it. */
  readonly owner: Owner | undefined;
  /** Set once it is unsubscribed: it does not run any more, not even in the round under way. */
  removed: boolean;
  /** Lets go of the signal it was subscribed with. */
  release: (() => void) | undefined;
}

/** The listeners of a channel in order. A list is never changed but made anew, so that a round keeps its own. */
interface Listed {
  /** The listeners of the host, then the listeners of guests. */
  readonly entries: readonly Entry[];
  /** How many are the host's. */
  readonly hosts: number;
  /** The host's as `publishSync` calls them. */
  readonly calls: readonly Listener<never[]>[];
  /** The result of a publish whose listeners return nothing. */
  readonly nothing: readonly undefined[];
  /** Whether one of them has a time of its own. */
  readonly isLimited: boolean;
}

/** One channel of a bus. */
export class Channel {
  readonly name: string;
  /** Whether the bus alone publishes on it. */
  readonly isOwn: boolean;
  /** Counts the changes, so that a loop under way knows when to look for listeners that were removed. */
  changes = 0;
  readonly #entries = new Map<Listener<never[]>, Entry>();
  /** Made when it is needed: thousands may subscribe, or leave, between two rounds. */
  #listed: Listed | undefined = undefined;

  constructor(name: string, isOwn: boolean) {
    this.name = name;
    this.isOwn = isOwn;
  }

  /** How many listeners there are. */
  get size(): number {
    return this.#entries.size;
  }

  /** The listeners as they are now. */
  list(): Listed {
    return this.#listed ??= listOf([...this.#entries.values()]);
  }

  /** Adds a listener; the same one again replaces its options and keeps its place. */
  add(listener: Listener<never[]>, options: SubscribeOptions, owner?: Owner): void {
    const { name = nameOf(listener), priority = 50, within, once = false, signal } = options;
    if (signal?.aborted) return;
    const found = this.#entries.get(listener);
    const release = signal && onAbort(signal, () => this.remove(listener));
    const own = { name, priority, within, once, release };
    this.#change();
    if (!found) {
      const entry = { listener, channel: this, ...own, owner, removed: false };
      this.#entries.set(listener, entry);
      return;
    }
    found.release?.();
    Object.assign(found, own);
  }

  /** Removes a listener; false where it is not there. */
  remove(listener: Listener<never[]>): boolean {
    const entry = this.#entries.get(listener);
    if (!entry) return false;
    this.#entries.delete(listener);
    entry.removed = true;
    this.#change();
    entry.release?.();
    return true;
  }

  /** Removes all listeners of a guest. */
  removeOf(owner: Owner): void {
    for (const entry of [...this.#entries.values()]) if (entry.owner === owner) this.remove(entry.listener);
  }

  #change(): void {
    this.changes++;
    this.#listed = undefined;
  }
}

function listOf(entries: Entry[]): Listed {
  let isLimited = false;
  let isInOrder = true;
  for (let at = 0; at < entries.length; at++) {
    const entry = entries[at]!;
    if (at > 0 && compare(entries[at - 1]!, entry) > 0) isInOrder = false;
    if (entry.within !== undefined) isLimited = true;
  }
  if (!isInOrder) entries.sort(compare);
  const hosts = entries.length - entries.filter(({ owner }) => owner).length;
  const calls = entries.slice(0, hosts).map((entry) => entry.once ? onceOf(entry) : entry.listener);
  return { entries, hosts, calls, nothing: Object.freeze(calls.map(() => undefined)), isLimited };
}

/** The host's listeners come before those of guests; then by priority. */
function compare(a: Entry, b: Entry): number {
  if (!a.owner !== !b.owner) return a.owner ? 1 : -1;
  // Equal infinities have no difference.
  return a.priority === b.priority ? 0 : a.priority - b.priority;
}

function onceOf({ listener, channel }: Entry): Listener<never[]> {
  return (...args) => {
    channel.remove(listener);
    return listener(...args);
  };
}

/** The name of a function, however odd it is. */
export function nameOf(listener: Listener<never[]>): string {
  try {
    const { name } = listener as { readonly name: unknown };
    if (typeof name === "string" && name !== "") return name;
  } catch { /* A getter of the function throws. */ }
  return "anonymous";
}
