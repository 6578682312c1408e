/**
 * How long to wait before something that has failed is tried again.
 * @module
 */
import type { Clock } from "../../src/platform.ts";

/** The clock, and how long the pauses are. */
export interface BackOffOptions {
  readonly clock: Clock;
  /** Milliseconds from the first failure until another try; doubled for each further failure. */
  readonly retryDelay: number;
  /** The longest pause, in milliseconds. */
  readonly maxRetryDelay: number;
}

/** The failures since the last success, and the pause after them. */
export class BackOff {
  /** The error of the last failure. */
  error: unknown;
  readonly #options: BackOffOptions;
  #failures = 0;
  #failedAt = 0;

  constructor(options: BackOffOptions) {
    this.#options = options;
  }

  /** Whether the last try failed. */
  get hasFailed(): boolean {
    return this.#failures > 0;
  }

  /** Milliseconds from the last failure until another try. */
  get pause(): number {
    const { retryDelay, maxRetryDelay } = this.#options;
    return Math.min(retryDelay * 2 ** Math.max(0, this.#failures - 1), maxRetryDelay);
  }

  /** Milliseconds from now until another try; 0 or less if one may be made now. */
  get left(): number {
    return this.hasFailed ? this.#failedAt + this.pause - this.#options.clock.now() : 0;
  }

  /** A try has failed. */
  fail(error: unknown): void {
    this.#failures++;
    this.#failedAt = this.#options.clock.now();
    this.error = error;
  }

  /** A try has succeeded. */
  reset(): void {
    this.#failures = 0;
    this.error = undefined;
  }
}
