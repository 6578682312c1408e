/**
 * The history of the rolls and failures of a pool, for those who look later.
 * @module
 */
import { textOf } from "../../src/errors.ts";
import type { Clock } from "../../src/platform.ts";
import type { DegradedStatus, RollStatus } from "./pool_value.ts";

/** The history of one pool. */
export class History {
  /** Whether a roll is under way. */
  rolling = false;
  /** The outcome of the last roll. */
  lastRoll: RollStatus | undefined;
  /** Why the last roll failed. */
  rollError: unknown;
  /** Since when units end too often. */
  degraded: DegradedStatus | undefined;
  readonly #clock: Clock;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** A roll that began at `since`, by the bus's clock, has ended. Returns how long it took, in milliseconds. */
  rolled(since: number, failure?: { readonly error: unknown }): number {
    const ms = this.#clock.now() - since;
    this.rollError = failure?.error;
    this.lastRoll = {
      ok: failure === undefined,
      at: this.#clock.time(),
      ms,
      ...failure !== undefined && { error: textOf(failure.error) },
    };
    return ms;
  }

  /** Units end too often from now on. */
  fails(how: Omit<DegradedStatus, "since">): void {
    this.degraded = { since: this.#clock.time(), ...how };
  }
}
