/**
 * The bus: named channels that listeners subscribe to, and a log that cannot fail.
 * @module
 */
import { checkFunction, checkKeys, checkMs, checkName, show } from "./check.ts";
import { type BusReport, Core, type LogDetails } from "./_core.ts";
import type { Signal } from "./_web.ts";
import type { Channel, Listener, SubscribeOptions } from "./channel.ts";
import { type ChannelIterator, iterateChannel } from "./channel_iterator.ts";
import type { Clock } from "./platform.ts";

export type { BusReport, ListenerReport, LogDetails, LogRecord } from "./_core.ts";

/** The arguments that listeners of channel `K` get. */
export type Args<C, K extends keyof C> = C[K] extends readonly unknown[] ? C[K] : never;

/** What `subscribe` returns: its undo, which `using` calls too. */
export interface Subscription extends Disposable {
  /** Takes the listener off; false where it was off already. */
  unsubscribe(): boolean;
}

let reach: (bus: Bus<never>) => Core;

/** The inside of a bus, for the rest of `src/`. */
export function coreOf<C extends object, Own extends keyof C>(bus: Bus<C, Own>): Core {
  return reach(bus as unknown as Bus<never>);
}

/** The clock of a bus that was given none: wall time, and no timers. */
const wallClock: Clock = {
  time: Date.now,
  now: Date.now,
  setTimer() {
    throw new TypeError(`Cannot use "within": the bus was given no clock`);
  },
};

/**
 * Named channels with listeners in order. A `ProcessBus` is one with a lifecycle; alone it is an event
 * bus whose failures are collected. `Own` channels belong to the bus: subscribe to them freely, only the
 * bus publishes on them.
 *
 * @example
 * ```ts
 * import { Bus } from "@sitebus/sitebus";
 *
 * const bus = new Bus<{ greet: [name: string] }>();
 * bus.subscribe("greet", (name) => `Hello, ${name}`);
 * console.log(await bus.publish("greet", "world")); // [ "Hello, world" ]
 * ```
 */
export class Bus<C extends object = Record<string, unknown[]>, Own extends keyof C = never> {
  readonly #core: Core;

  static {
    reach = (bus) => bus.#core;
  }

  /**
   * Makes a bus; without a `clock`, `within` cannot be used.
   * @throws {TypeError} Where an option is unknown or of a wrong type.
   */
  constructor(options: { readonly name?: string; readonly clock?: Clock } = {}) {
    checkKeys("Cannot make the bus", options, ["name", "clock"]);
    const { name = "bus", clock = wallClock } = options;
    this.#core = new Core(checkName("Cannot make the bus", name), clock);
  }

  /** The name given to it. Default "bus". */
  get name(): string {
    return this.#core.name;
  }

  /**
   * Subscribes `listener`. The same listener again replaces its options and keeps one entry; an aborted
   * `signal` subscribes nothing.
   * @throws {TypeError} Where the listener is no function or an option is unknown.
   * @throws {RangeError} Where `priority` or `within` is not a usable number.
   */
  subscribe<K extends keyof C & string>(
    channel: K,
    listener: Listener<Args<C, K>>,
    options: SubscribeOptions = {},
  ): Subscription {
    const action = `Cannot subscribe to "${String(channel)}"`;
    checkName(action, channel);
    checkFunction(action, "listener", listener);
    checkKeys(action, options, ["priority", "name", "within", "once", "signal"]);
    if (options.name !== undefined) checkName(action, options.name);
    if (options.within !== undefined) {
      checkMs(action, "within", options.within);
      if (this.#core.clock === wallClock) wallClock.setTimer(0, () => {});
    }
    const { priority = 50 } = options;
    if (typeof priority !== "number" || Number.isNaN(priority)) {
      throw new RangeError(`${action}: the priority is ${show(priority)}, expected a number`);
    }
    const found = this.#core.channel(channel);
    found.add(listener, options);
    const unsubscribe = () => found.remove(listener);
    return { unsubscribe, [Symbol.dispose]: () => void unsubscribe() };
  }

  /** Takes `listener` off the channel; false where it was not on it. */
  unsubscribe<K extends keyof C & string>(channel: K, listener: Listener<Args<C, K>>): boolean {
    return this.#core.channel(channel).remove(listener);
  }

  /**
   * Calls the listeners one after another, awaiting each, and resolves to what they returned. A listener
   * removed before its turn does not run; one added meanwhile runs next round. A failing one stops no other.
   * The promise rejects at the end with `ChannelFailures`; failures are logged too, so it may be dropped.
   * @throws {TypeError} Where the channel belongs to the bus.
   */
  publish<K extends Exclude<keyof C & string, Own>>(channel: K, ...args: Args<C, K>): Promise<unknown[]> {
    const promise = this.#core.publish(this.#publishable(channel), args);
    promise.catch(() => {});
    return promise;
  }

  /**
   * Calls the listeners and awaits nothing; returns what they returned. A returned promise that rejects is
   * logged, never unhandled.
   * @throws {ChannelFailures} After all have run, where some threw.
   * @throws {TypeError} Where the channel belongs to the bus.
   */
  publishSync<K extends Exclude<keyof C & string, Own>>(channel: K, ...args: Args<C, K>): unknown[] {
    return this.#core.publishSync(this.#publishable(channel), args);
  }

  /** Publishes a record on `log`, synchronously. A log listener does not see the records that it causes. */
  log(message: string, details?: LogDetails): void {
    this.#core.log(message, details);
  }

  /** Iterates over what is published from now on, until it is returned from, disposed of or aborted. */
  iterate<K extends keyof C & string>(
    channel: K,
    options: { readonly signal?: Signal } = {},
  ): ChannelIterator<Args<C, K>> {
    checkName("Cannot iterate over a channel", channel);
    checkKeys(`Cannot iterate over "${channel}"`, options, ["signal"]);
    return iterateChannel(this.#core.channel(channel), options.signal);
  }

  /** Returns a snapshot of the channels, and of what runs: plain data. */
  inspect(): BusReport {
    return this.#core.inspect();
  }

  #publishable(name: string): Channel {
    const core = this.#core;
    const channel = core.channels.get(name) ?? core.channel(checkName("Cannot publish", name));
    if (!channel.isOwn) return channel;
    throw new TypeError(`Cannot publish on "${name}": only the bus itself publishes on it`);
  }
}
