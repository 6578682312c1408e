/**
 * How an invocation waits for what another invocation does.
 * @module
 */
import { type Signal, web } from "../../src/internal.ts";
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

/** The members of workerd's `scheduler` that are used here. */
export interface SchedulerLike {
  /** Resolves after `ms`; rejects when the signal aborts. It does both in the context of the request that waits. */
  wait(ms: number, options: { readonly signal: Signal }): Promise<void>;
}

/**
 * Makes waits by workerd's scheduler. With a compatibility date before 2024-10-14, a request that awaits a promise goes on
 * in the context of the request that resolved it, and hangs when that context ends. An abort of `scheduler.wait` reaches
 * the context that waits, with every date.
 * @see https://developers.cloudflare.com/workers/configuration/compatibility-flags/#handle-cross-request-promise-resolution
 */
export function sleepByScheduler(scheduler: SchedulerLike): (ms: number) => Sleep {
  return (ms) => {
    const controller = new web.AbortController();
    return {
      over: scheduler.wait(ms, { signal: controller.signal }).catch(() => {}),
      wake: () => controller.abort(undefined),
    };
  };
}
