/**
 * How an invocation waits for what another invocation does.
 * @module
 */
import type { Clock } from "../../src/platform.ts";

/** A wait that another invocation may end. */
export interface Sleep {
  /**
   * Resolves when the time is over, or when `wake` was called. Where a host keeps invocations apart, it resolves in the
   * context of the invocation that sleeps.
   */
  readonly over: Promise<void>;
  /** Ends the wait. May be called from the context of another invocation, and twice. */
  wake(): void;
}

/** Makes waits by a timer of the bus's clock: for a host whose invocations may resolve each other's promises. */
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
