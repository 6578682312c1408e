/**
 * The platform of Cloudflare Workers, and of workerd: the bus starts on the first request of an isolate. The host gives no
 * notice of the isolate's end and never asks for `stop` or `exit`, so `flush` is published after each invocation.
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
import type { Traits } from "../src/platform.ts";
import { serverless, type ServerlessOptions, type ServerlessPlatform } from "./serverless.ts";
import { type SchedulerLike, sleepByScheduler } from "./serverless/sleep.ts";

export type { SchedulerLike } from "./serverless/sleep.ts";
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

/** The options of the Cloudflare platform. */
export interface CloudflareOptions
  extends Pick<ServerlessOptions, "startWithin" | "retryDelay" | "maxRetryDelay" | "report"> {
  /** Whether the bus belongs to one Durable Object, whose sockets and timers last from request to request. Default false. */
  readonly durable?: boolean;
  /** The scheduler to use in place of the runtime's, for tests. */
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
 * Makes the Cloudflare platform for one bus. The platform and its bus may be made in the scope of a module: they neither
 * read the time nor set a timer.
 *
 * @throws {Error} If the runtime is not workerd.
 * @throws {TypeError} If an option is unknown or of a wrong type.
 * @throws {RangeError} If a time is no number of milliseconds.
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
    // Loading node:async_hooks takes workerd longer than loading and starting the whole bus.
    context: false,
    sleep: sleepByScheduler(scheduler),
  });
}
