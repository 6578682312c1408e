/**
 * What a process that its host stops between invocations does when it goes on.
 * @module
 */
import type { ListenerCount } from "../../src/internal.ts";
import type { Clock } from "../../src/platform.ts";
import type { ProcessBus } from "../../src/process_bus.ts";
import type { ServerlessChannels } from "./channels.ts";

/** How a thaw is told. */
export interface ThawOptions {
  readonly clock: Clock;
  /** Milliseconds without an invocation, after which the process may have been stopped. */
  readonly thawAfterMs: number;
  /** Milliseconds that its listeners may take. */
  readonly startWithin: number;
}

/** Tells that the host may have stopped the process, by the gap between two invocations: no host says so. */
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

  /** From now on the host may stop the process. By wall time: other clocks may stop with it. */
  rest(): void {
    this.#restedAt = this.#options.clock.time();
  }

  /**
   * Publishes `thaw` where the process may have been stopped; undefined where it was not. Never rejects: an invocation
   * goes on whatever comes of it. Those that come meanwhile wait with it.
   */
  begin(): Promise<void> | undefined {
    if (this.#running || this.#listeners.count === 0) return this.#running;
    const gap = this.#options.clock.time() - this.#restedAt;
    if (gap > this.#options.thawAfterMs) return this.#running = this.#publish(gap);
  }

  #publish(gap: number): Promise<void> {
    const { clock, startWithin } = this.#options;
    return new Promise((resolve) => {
      const done = () => {
        disarm();
        this.#running = undefined;
        this.rest();
        resolve();
      };
      const disarm = clock.setTimer(startWithin, () => {
        this.#bus.log(`The listeners of "thaw" still run after ${startWithin} ms`, { level: "warn" });
        done();
      });
      this.#bus.publish("thaw", gap).then(done, done);
    });
  }
}
