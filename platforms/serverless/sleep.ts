/**
 * How an invocation waits for what another one does.
 * @module
 */
import type { Clock } from "../../src/platform.ts";

/** A wait that another invocation may end. */
export interface Sleep {
  /** Resolves when the time is over, or it was woken; in the context of the one that sleeps, where the host has such. */
  readonly over: Promise<void>;
  /** Ends it. May be called from the context of another invocation, and twice. */
  wake(): void;
}

/** Makes one by a timer of the bus's clock: for a host whose invocations may resolve each other's promises. */
export function sleepBy(clock: Clock): (ms: number) => Sleep {
  return (ms) => {
    let wake = () => {};
    const over = new Promise<void>((resolve) => {
      const disarm = clock.setTimer(ms, resolve);
      wake = () => {
        disarm();
        resolve();
      };
    });
    return { over, wake };
  };
}
