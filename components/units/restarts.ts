/**
 * How soon a unit that ended unasked is replaced, and when there were too many of them.
 * @module
 */

/** How often units may be replaced. */
export interface RestartLimits {
  /** More than so many restarts in the window are too many. */
  readonly maxRestarts: number;
  /** The window, in milliseconds. */
  readonly restartWindowMs: number;
}

/** The second restart of a slot in the window waits for so long, in milliseconds; each further one twice as long. */
const FIRST_MS = 100;

/** The longest pause, in milliseconds. */
const LONGEST_MS = 10_000;

/** The restarts of one pool. */
export class Restarts {
  readonly #limits: RestartLimits;
  /** When each slot was restarted, in the window. */
  readonly #times = new Map<number, number[]>();

  constructor(limits: RestartLimits) {
    this.#limits = limits;
  }

  /** Whether there were too many in the window that ends now. */
  isDegraded(now: number): boolean {
    return this.count(now) > this.#limits.maxRestarts;
  }

  /** How many there were in the window that ends now. */
  count(now: number): number {
    let count = 0;
    for (const times of this.#times.values()) count += times.filter((time) => this.#counts(time, now)).length;
    return count;
  }

  /** Counts a restart of a slot, and returns the milliseconds to wait for before it. */
  next(slot: number, now: number): number {
    const times = (this.#times.get(slot) ?? []).filter((time) => this.#counts(time, now));
    this.#times.set(slot, [...times, now]);
    if (this.isDegraded(now)) return LONGEST_MS;
    return times.length === 0 ? 0 : Math.min(FIRST_MS * 2 ** (times.length - 1), LONGEST_MS);
  }

  #counts(time: number, now: number): boolean {
    return now - time < this.#limits.restartWindowMs;
  }
}
