/**
 * The platform of Google's functions framework, which runs the functions of Cloud Run and Cloud Functions: the bus
 * starts on the first invocation, or while its module is loaded (`await bus.start()` at its top), and stops on SIGTERM.
 *
 * A container of Cloud Run with a server of its own is an ordinary process: use `native({ graceMs: 10_000 })`.
 *
 * @example
 * ```ts ignore
 * import { http } from "@google-cloud/functions-framework";
 * import { ProcessBus } from "@sitebus/sitebus";
 * import { google, httpFunction } from "@sitebus/sitebus/google";
 *
 * const bus = new ProcessBus({ platform: google() });
 * const db = bus.use({ name: "db", start: () => connect(), stop: (db) => db.end() });
 *
 * http("shop", httpFunction(bus, async (request, response) => response.json(await db.value.items(request.query))));
 * ```
 * @module
 */
import { checkMs, show } from "../src/check.ts";
import type { Traits } from "../src/platform.ts";
import { replaceFramework } from "./google/framework_signals.ts";
import type { GooglePlatform } from "./google/google_platform.ts";
import { endNow } from "./process/ending.ts";
import type { ProcessLike } from "./process/process_like.ts";
import { processHost, type ProcessHostOptions } from "./serverless/process_host.ts";
import { signalled } from "./serverless/signalled.ts";

export { cloudEventFunction, type CloudEventLike } from "./google/cloud_event_function.ts";
export type { GooglePlatform } from "./google/google_platform.ts";
export { httpFunction } from "./google/http_function.ts";
export type { ResponseLike } from "./google/response_like.ts";
export type { ProcessLike, ProcessListener, StreamLike } from "./process/process_like.ts";
export type { HostOptions, ProcessHostOptions } from "./serverless/process_host.ts";
export type { InvocationContext, ServerlessChannels, ServerlessPlatform } from "./serverless.ts";

/** The options of the Google platform. */
export interface GoogleOptions extends ProcessHostOptions {
  /**
   * Milliseconds from SIGTERM until the instance is killed. Default 10 000.
   * @see https://cloud.google.com/run/docs/container-contract
   */
  readonly graceMs?: number;
  /**
   * The fate of work between requests. Default `"frozen"`: with request-based billing there is next to no processor
   * time then. `"runs"` with instance-based billing.
   * @see https://cloud.google.com/run/docs/configuring/billing-settings
   */
  readonly background?: Exclude<Traits["background"], "waitUntil">;
  /**
   * Milliseconds that a request has. Default: the variable CLOUD_RUN_TIMEOUT_SECONDS, which the framework reads too;
   * where it is not set, an invocation has no deadline.
   */
  readonly timeoutMs?: number;
}

/**
 * Makes the Google platform for one bus. From the start of the bus on it listens for SIGTERM and SIGINT in place of the
 * framework, which would end the process at once: what is in flight is drained, and the bus stops.
 *
 * @throws {Error} If the runtime has no process.
 * @throws {TypeError} If an option is unknown or of a wrong type.
 * @throws {RangeError} If a time is no number of milliseconds.
 */
export function google(options: GoogleOptions = {}): GooglePlatform {
  const host = processHost(options, {
    name: "Google",
    graceMs: 10_000,
    options: ["background", "timeoutMs"],
  });
  const { action, process, graceMs } = host;
  const { background = "frozen", timeoutMs = configuredMs(process) } = options;
  if (timeoutMs !== undefined) checkMs(action, "timeoutMs", timeoutMs);
  if (background !== "frozen" && background !== "runs") {
    throw new TypeError(`${action}: "background" is ${show(background)}, expected "frozen" or "runs"`);
  }
  const platform = host.platform({ traits: { background, notice: { kind: "SIGTERM", graceMs } } });
  // The framework's server keeps the process alive, so it has to be ended.
  return signalled({ ...platform, timeoutMs }, host, { replace: replaceFramework, end: endNow });
}

/** The time of a request, as the framework reads it; 0 means none. */
function configuredMs({ env }: ProcessLike): number | undefined {
  const seconds = Number.parseInt(env["CLOUD_RUN_TIMEOUT_SECONDS"] ?? "", 10);
  return seconds > 0 ? seconds * 1000 : undefined;
}
