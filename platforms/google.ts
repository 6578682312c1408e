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
import { checkKeys, checkMs } from "../src/check.ts";
import type { Traits } from "../src/platform.ts";
import { replaceFramework } from "./google/framework_signals.ts";
import type { GooglePlatform } from "./google/google_platform.ts";
import { endNow } from "./process/ending.ts";
import { ownProcess, type ProcessLike } from "./process/process_like.ts";
import { serverless } from "./serverless.ts";
import { HOST_OPTIONS, type HostOptions } from "./serverless/host_options.ts";
import { signalled } from "./serverless/signalled.ts";

export { cloudEventFunction, type CloudEventLike } from "./google/cloud_event_function.ts";
export type { GooglePlatform } from "./google/google_platform.ts";
export { httpFunction } from "./google/http_function.ts";
export type { ResponseLike } from "./google/response_like.ts";
export type { ProcessLike, ProcessListener, StreamLike } from "./process/process_like.ts";
export type { HostOptions } from "./serverless/host_options.ts";
export type { InvocationContext, ServerlessChannels, ServerlessPlatform } from "./serverless.ts";

/** What may be set of the Google platform. */
export interface GoogleOptions extends HostOptions {
  /**
   * Milliseconds from SIGTERM until the instance is killed. Default 10 000.
   * @see https://cloud.google.com/run/docs/container-contract
   */
  readonly graceMs?: number;
  /**
   * What the processor does between requests. Default `"frozen"`, as with request-based billing, where there is next to
   * none then; `"runs"` with instance-based billing.
   * @see https://cloud.google.com/run/docs/configuring/billing-settings
   */
  readonly background?: Exclude<Traits["background"], "waitUntil">;
  /**
   * Milliseconds that a request has. Default: what the variable CLOUD_RUN_TIMEOUT_SECONDS says, as for the framework;
   * where it is not set, an invocation knows of no deadline.
   */
  readonly timeoutMs?: number;
  /** The process to be used instead of this one, for tests. */
  readonly process?: ProcessLike;
}

const action = "Cannot use the Google platform";

/**
 * Makes the Google platform for one bus. From the start of the bus on it takes the framework's place for SIGTERM and
 * SIGINT, since the framework would end the process at once: what is in flight is drained, and the bus stops.
 *
 * @throws {Error} Where the runtime has no process.
 * @throws {TypeError} Where an option is unknown or of a wrong type.
 * @throws {RangeError} Where a time is no number of milliseconds.
 */
export function google(options: GoogleOptions = {}): GooglePlatform {
  const { graceMs = 10_000, background = "frozen", process = ownProcess(action), ...more } = options;
  const { timeoutMs = configuredMs(process), ...others } = more;
  checkKeys(action, others, HOST_OPTIONS);
  checkMs(action, "graceMs", graceMs);
  if (timeoutMs !== undefined) checkMs(action, "timeoutMs", timeoutMs);
  if (background !== "frozen" && background !== "runs") {
    throw new TypeError(`${action}: "background" is ${String(background)}, expected "frozen" or "runs"`);
  }
  const traits: Partial<Traits> = { background, notice: { kind: "SIGTERM", graceMs } };
  const platform = { ...serverless({ ...others, name: "Google", traits }), timeoutMs };
  return signalled(platform, {
    action,
    process,
    signals: ["SIGTERM", "SIGINT"],
    graceMs,
    replace: replaceFramework,
    // The framework's server keeps the process alive.
    end: endNow,
  });
}

/** What the framework takes for the time of a request; it takes 0 for none. */
function configuredMs({ env }: ProcessLike): number | undefined {
  const seconds = Number.parseInt(env["CLOUD_RUN_TIMEOUT_SECONDS"] ?? "", 10);
  return seconds > 0 ? seconds * 1000 : undefined;
}
