/**
 * The bus: named channels that listeners subscribe to, and a log that cannot fail.
 * @module
 */
import { droppable } from "./_deferred.ts";
import type { Signal } from "./_web.ts";
import type { Channel, Listener, SubscribeOptions } from "./channel.ts";
import { type ChannelIterator, iterateChannel } from "./channel_iterator.ts";
import { checkFunction, checkKeys, checkMs, checkName, checkSignal, show } from "./check.ts";
import type { ComponentReport } from "./component.ts";
import { type ChannelReports, Core } from "./core.ts";
import type { Owner } from "./owner.ts";
import type { Clock } from "./platform.ts";
import type { LogDetails } from "./records.ts";
import type { Goal, State } from "./states.ts";

export type { ListenerReport } from "./core.ts";
export type { LogDetails, LogRecord } from "./records.ts";

/** Everything a bus knows of itself, as plain data: for a log, a health page, a test. */
export interface BusReport {
  /** The name of the bus. */
  readonly bus: string;
  /** The state that the bus is in. */
  readonly state?: State;
  /** The goal that it is on its way to. */
  readonly goal?: Goal;
  /** How many reloads it has had. */
  readonly generation?: number;
  /** Milliseconds until the end of the phase under way. */
  readonly leftMs?: number;
  /** The listeners of each channel in their order; `running` is for how many milliseconds one has been at work. */
  readonly channels: ChannelReports;
  /** The components in the order of `use`. */
  readonly components?: readonly ComponentReport[];
  /** The promises that keep `drain` open, the oldest first: `ms` since `hold` was called. */
  readonly held?: readonly { readonly name: string; readonly ms: number }[];
}

/** The arguments that listeners of channel `K` get. */
export type Args<C, K extends keyof C> = C[K] extends readonly unknown[] ? C[K] : never;

/** The subscription that `subscribe` returns: a function that undoes it, which `using` calls too. */
export interface Subscription extends Disposable {
  /** Takes the listener off; false where it was off already. */
  unsubscribe(): boolean;
}

/** Subscribes a listener of the host, or of a guest. @throws {TypeError | RangeError} If the input is bad. */
export function subscribeTo(
  core: Core,
  name: string,
  listener: Listener<never[]>,
  options: SubscribeOptions,
  owner?: Owner,
): Subscription {
  const action = `Cannot subscribe to "${String(name)}"`;
  checkName(action, name);
  checkFunction(action, "listener", listener);
  checkKeys(action, options, ["priority", "name", "within", "once", "signal"]);
  // Each option is read once, so that the checked value is the used one, even if a getter answers differently each time.
  const own = { ...options };
  if (own.name !== undefined) checkName(action, own.name);
  checkSignal(action, own.signal);
  if (own.within !== undefined) {
    checkMs(action, "within", own.within);
    if (core.clock === wallClock) wallClock.setTimer(0, () => {});
  }
  const { priority = 50 } = own;
  if (typeof priority !== "number" || Number.isNaN(priority)) {
    throw new RangeError(`${action}: the priority is ${show(priority)}, expected a number`);
  }
  const channel = core.channel(name);
  channel.add(listener, own, owner);
  const unsubscribe = () => channel.remove(listener);
  return { unsubscribe, [Symbol.dispose]: () => void unsubscribe() };
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
   * @throws {TypeError} If an option is unknown or of a wrong type.
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
   * @throws {TypeError} If the listener is no function or an option is unknown.
   * @throws {RangeError} If `priority` or `within` is not a usable number.
   */
  subscribe<K extends keyof C & string>(
    channel: K,
    listener: Listener<Args<C, K>>,
    options: SubscribeOptions = {},
  ): Subscription {
    return subscribeTo(this.#core, channel, listener as Listener<never[]>, options);
  }

  /** Takes `listener` off the channel; false where it was not on it. */
  unsubscribe<K extends keyof C & string>(channel: K, listener: Listener<Args<C, K>>): boolean {
    return this.#core.channel(channel).remove(listener);
  }

  /**
   * Calls the listeners one after another, awaiting each, and resolves to what they returned. A listener
   * removed before its turn does not run; one added meanwhile runs next round. A failing one stops no other.
   * The promise rejects at the end with `ChannelFailures`; failures are logged too, so it may be dropped.
   * @throws {TypeError} If the channel belongs to the bus.
   */
  publish<K extends Exclude<keyof C & string, Own>>(channel: K, ...args: Args<C, K>): Promise<unknown[]> {
    return droppable(this.#core.publish(this.#publishable(channel), args));
  }

  /**
   * Calls the listeners and awaits nothing; returns what they returned. A returned promise that rejects is
   * logged, never unhandled.
   * @throws {ChannelFailures} After all have run, where some threw.
   * @throws {TypeError} If the channel belongs to the bus.
   */
  publishSync<K extends Exclude<keyof C & string, Own>>(channel: K, ...args: Args<C, K>): readonly unknown[] {
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
    const signal = checkSignal(`Cannot iterate over "${channel}"`, options.signal);
    return iterateChannel(this.#core.channel(channel), signal);
  }

  /** Returns a snapshot of the channels, and of what runs: plain data. */
  inspect(): BusReport {
    return { bus: this.name, channels: this.#core.inspect() };
  }

  #publishable(name: string): Channel {
    const channel = this.#core.channel(checkName("Cannot publish", name));
    if (!channel.isOwn) return channel;
    throw new TypeError(`Cannot publish on "${name}": only the bus itself publishes on it`);
  }
}
