/**
 * The type that frameworks take: a bus, or a guest of one.
 * @module
 */
import type { Args, Bus, Subscription } from "./bus.ts";
import type { Listener, SubscribeOptions } from "./channel.ts";
import type { ProcessBus, ProcessChannels } from "./process_bus.ts";
import type { Signal } from "./_web.ts";
import type { State } from "./states.ts";

/** The bus as frameworks take it. A `ProcessBus` and a `Guest` both have this type. */
export interface BusLike {
  /** The name of the bus, or of the guest. */
  readonly name: string;
  /** The state that the bus is in. */
  readonly state: State;
  /** False while listeners of `state` are running. */
  readonly settled: boolean;
  /** Aborts when this run ends. */
  readonly running: Signal;
  /** Subscribes a listener to a state, or to another channel of the bus itself. */
  subscribe<K extends keyof ProcessChannels & string>(
    channel: K,
    listener: Listener<Args<ProcessChannels, K>>,
    options?: SubscribeOptions,
  ): Subscription;
  /** Subscribes a listener to a channel of the program. */
  subscribe(channel: string, listener: Listener<never[]>, options?: SubscribeOptions): Subscription;
  /** Publishes on a channel that is not the bus's own. */
  publish(channel: string, ...args: readonly unknown[]): Promise<unknown[]>;
  /** Publishes a record on `log`. */
  log: Bus["log"];
  /** Uses a component. */
  use: ProcessBus["use"];
  /** Waits for a state. */
  wait: ProcessBus["wait"];
  /** Keeps `drain` open until a promise settles. */
  hold: ProcessBus["hold"];
}
