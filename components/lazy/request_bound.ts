/**
 * Whether input and output are bound to the request that began them, as in workerd: then no request may wait for a
 * promise of another one, since that may never settle.
 * @module
 */
import { webClock } from "../../src/web_clock.ts";
import {
  type SchedulerLike,
  type Sleep,
  sleepBy,
  sleepByScheduler,
} from "../../platforms/serverless/sleep.ts";

/** The scheduler of workerd; no other runtime has one that can wait. */
const { scheduler } = globalThis as { readonly scheduler?: Partial<SchedulerLike> };

/** Whether they are. */
export const isBoundToRequest: boolean = typeof scheduler?.wait === "function";

/** How a request waits for what another one does. */
export const sleep: (ms: number) => Sleep = isBoundToRequest
  ? sleepByScheduler(scheduler as SchedulerLike)
  : sleepBy(webClock);
