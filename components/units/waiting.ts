/**
 * Waiting by the bus's clock, for no longer than something makes sense.
 * @module
 */
import { defer } from "../../src/internal.ts";
import type { Clock } from "../../src/platform.ts";

/** The event that ends a pause early. */
export interface PauseOptions {
  /** A promise; when it settles. */
  readonly until?: Promise<unknown>;
  /** A signal; when it aborts. */
  readonly signal?: AbortSignal;
}

/** Resolves after so many milliseconds, or earlier. */
export async function pause(clock: Clock, ms: number, { until, signal }: PauseOptions = {}): Promise<void> {
  if (ms <= 0 || signal?.aborted) return;
  const over = defer<void>();
  const end = () => over.resolve();
  const disarm = clock.setTimer(ms, end);
  signal?.addEventListener("abort", end);
  until?.then(end, end);
  await over.promise;
  disarm();
  signal?.removeEventListener("abort", end);
}
