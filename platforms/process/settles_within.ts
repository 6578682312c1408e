/**
 * Waits for a promise with a timeout.
 * @module
 */
import type { Clock } from "../../src/platform.ts";
import { webClock } from "../../src/web_clock.ts";

/**
 * Waits until `promise` has settled, for at most `ms` milliseconds of `clock`. Resolves to true if the promise has settled, and
 * to false after a timeout. Never rejects: await the promise itself for its value or its error. The timer keeps the process
 * alive until then.
 */
export function settlesWithin(
  promise: PromiseLike<unknown>,
  ms: number,
  clock: Clock = webClock,
): Promise<boolean> {
  return new Promise((resolve) => {
    const disarm = clock.setTimer(ms, () => resolve(false));
    const settled = () => {
      disarm();
      resolve(true);
    };
    promise.then(settled, settled);
  });
}
