/**
 * A process that its host may stop between two invocations.
 * @module
 */
import type { ListenerCount } from "../../src/internal.ts";
import type { Clock } from "../../src/platform.ts";
import type { ProcessBus } from "../../src/process_bus.ts";
import { settlesWithin } from "../process/settles_within.ts";
import type { ServerlessChannels } from "./channels.ts";
import type { ServerlessRecord } from "./log_event.ts";

/** When `thaw` is published, and for how long an invocation waits for its listeners. */
export interface ThawOptions {
  readonly clock: Clock;
  /** Milliseconds without an invocation, after which the host may have stopped the process. */
  readonly thawAfterMs: number;
  /** Milliseconds that the listeners may take. */
  readonly startWithin: number;
}

/** Publishes `thaw` after a long gap between two invocations: no host tells that it has stopped the process. */
export class Thaw {
  readonly #options: ThawOptions;
  readonly #bus: ProcessBus<ServerlessChannels>;
  readonly #listeners: ListenerCount;
  #restedAt = 0;
  #running: Promise<void> | undefined;

  constructor(options: ThawOptions, bus: ProcessBus<ServerlessChannels>, listeners: ListenerCount) {
    this.#options = options;
    this.#bus = bus;
    this.#listeners = listeners;
  }

  /** From now on the host may stop the process. Wall time is used, since other clocks may stop with the process. */
  rest(): void {
    this.#restedAt = this.#options.clock.time();
  }

  /**
   * Publishes `thaw` if the process may have been stopped; undefined if it was not. Never rejects: the invocation goes on
   * whatever the listeners do. Invocations that come meanwhile wait for the same publish.
   */
  begin(): Promise<void> | undefined {
    if (this.#running || this.#listeners.count === 0) return this.#running;
    const gap = this.#options.clock.time() - this.#restedAt;
    if (gap > this.#options.thawAfterMs) return this.#running = this.#publish(gap);
  }

  async #publish(gap: number): Promise<void> {
    const { clock, startWithin: ms } = this.#options;
    if (!await settlesWithin(this.#bus.publish("thaw", gap), ms, clock)) {
      const details = { event: "thaw", level: "warn", ms } satisfies ServerlessRecord;
      this.#bus.log(`The listeners of "thaw" still run after ${ms} ms`, details);
    }
    this.#running = undefined;
    this.rest();
  }
}
