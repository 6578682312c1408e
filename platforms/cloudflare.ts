/**
 * The platform of Cloudflare Workers, and of workerd: the bus starts on the first request of an isolate. There is no
 * notice of its end, so that `stop` and `exit` are never asked by the host: what must not be lost is flushed after each
 * invocation.
 *
 * @example
 * ```ts ignore
 * import { ProcessBus } from "@sitebus/sitebus";
 * import { cloudflare, worker } from "@sitebus/sitebus/cloudflare";
 *
 * const bus = new ProcessBus({ platform: cloudflare() });
 * const settings = bus.use({ name: "settings", start: async () => (await fetch("https://settings.example")).json() });
 *
 * export default worker(bus, { fetch: () => Response.json(settings.value) });
 * ```
 * @module
 */
import { checkKeys } from "../src/check.ts";
import { type Signal, web } from "../src/internal.ts";
import type { Traits } from "../src/platform.ts";
import { serverless, type ServerlessOptions, type ServerlessPlatform, type Sleep } from "./serverless.ts";

export { durable, type DurableStateLike } from "./cloudflare/durable.ts";
export {
  type MessageBatchLike,
  type ScheduledEventLike,
  worker,
  type WorkerBodies,
  type WorkerContextLike,
  type WorkerExports,
  type WorkerOf,
  type WorkerRequest,
  type WorkerResponse,
} from "./cloudflare/worker.ts";
export {
  type FlushTime,
  type Gate,
  gate,
  type InvocationContext,
  isNotReady,
  type NotReadyError,
  type ServerlessChannels,
  type ServerlessPlatform,
} from "./serverless.ts";

/** What is used of workerd's `scheduler`. */
export interface SchedulerLike {
  /** Resolves after `ms`; rejects when the signal aborts. Both in the context of the request that waits. */
  wait(ms: number, options: { readonly signal: Signal }): Promise<void>;
}

/** What may be set of the Cloudflare platform. */
export interface CloudflareOptions
  extends Pick<ServerlessOptions, "startWithin" | "retryDelay" | "maxRetryDelay" | "report"> {
  /** Whether the bus is that of one Durable Object, whose sockets and timers last from request to request. Default false. */
  readonly durable?: boolean;
  /** The scheduler to be used instead of the runtime's, for tests. */
  readonly scheduler?: SchedulerLike;
}

const ACTION = "Cannot use the Cloudflare platform";

const OPTIONS = ["startWithin", "retryDelay", "maxRetryDelay", "report", "durable", "scheduler"];

/**
 * A request's sockets, timers and streams end with it, and cannot be used by another.
 * @see https://developers.cloudflare.com/workers/runtime-apis/handlers/
 */
const WORKER: Partial<Traits> = {
  concurrency: "many",
  instances: "many",
  background: "waitUntil",
  ioOutsideRequests: false,
  notice: "none",
};

/** The requests of one object share its sockets and timers, which go on between them. */
const DURABLE: Partial<Traits> = { ...WORKER, background: "runs", ioOutsideRequests: true };

/**
 * Makes the Cloudflare platform for one bus. It may be made, and its bus be built, in the scope of a module: neither
 * reads the time, nor sets a timer.
 *
 * @throws {Error} Where the runtime is not workerd.
 * @throws {TypeError} Where an option is unknown or of a wrong type.
 * @throws {RangeError} Where a time is no number of milliseconds.
 */
export function cloudflare(options: CloudflareOptions = {}): ServerlessPlatform {
  checkKeys(ACTION, options, OPTIONS);
  const { durable = false, scheduler = (globalThis as { scheduler?: SchedulerLike }).scheduler, ...others } =
    options;
  if (typeof scheduler?.wait !== "function") {
    throw new Error(`${ACTION}: the runtime is not workerd, it has no "scheduler.wait"`);
  }
  if (typeof durable !== "boolean") {
    throw new TypeError(`${ACTION}: "durable" is ${String(durable)}, expected true or false`);
  }
  return serverless({
    ...others,
    name: "Cloudflare",
    traits: durable ? DURABLE : WORKER,
    // To load node:async_hooks takes workerd longer than to load and start the whole bus.
    context: false,
    sleep: (ms) => sleep(scheduler, ms),
  });
}

/**
 * What one request resolves, the other goes on with: where the compatibility date is before 2024-10-14, in the context
 * of the first, and hangs when that is over. An abort of a wait reaches the context that waits, on every date.
 * @see https://developers.cloudflare.com/workers/configuration/compatibility-flags/#handle-cross-request-promise-resolution
 */
function sleep(scheduler: SchedulerLike, ms: number): Sleep {
  const controller = new web.AbortController();
  return {
    over: scheduler.wait(ms, { signal: controller.signal }).catch(() => {}),
    wake: () => controller.abort(undefined),
  };
}
