/**
 * The platform of Azure Functions, in the Node programming model v4: the bus starts with the app and stops when the
 * worker terminates.
 *
 * @example
 * ```ts ignore
 * import { app } from "@azure/functions";
 * import { ProcessBus } from "@sitebus/sitebus";
 * import { azure, functionApp } from "@sitebus/sitebus/azure";
 *
 * const bus = new ProcessBus({ platform: azure() });
 * const db = bus.use({ name: "db", start: () => connect(), stop: (db) => db.end() });
 * functionApp(bus, app);
 *
 * app.http("items", { handler: async () => ({ jsonBody: await db.value.items() }) });
 * ```
 * @module
 */
import { checkKeys, checkMs } from "../src/check.ts";
import { webClock } from "../src/web_clock.ts";
import type { AzurePlatform } from "./azure/azure_platform.ts";
import { endNow } from "./process/ending.ts";
import { ownProcess, type ProcessLike } from "./process/process_like.ts";
import { serverless } from "./serverless.ts";
import { HOST_OPTIONS, type HostOptions } from "./serverless/host_options.ts";

export type { AzureAppLike, DisposableLike, InvocationLike, PreInvocationLike } from "./azure/app_like.ts";
export type { AzurePlatform } from "./azure/azure_platform.ts";
export { functionApp } from "./azure/function_app.ts";
export type { ProcessLike, ProcessListener, StreamLike } from "./process/process_like.ts";
export type { HostOptions } from "./serverless/host_options.ts";
export type { InvocationContext, ServerlessChannels, ServerlessPlatform } from "./serverless.ts";

/** What may be set of the Azure platform. */
export interface AzureOptions extends HostOptions {
  /**
   * Milliseconds that the host waits for the worker to end, once it has told it to. Default 5 000.
   * @see https://github.com/Azure/azure-functions-host, `WorkerTerminateGracePeriodInSeconds`
   */
  readonly graceMs?: number;
  /** The process to be used instead of this one, for tests. */
  readonly process?: ProcessLike;
}

const action = "Cannot use the Azure platform";

/**
 * What a worker that ends without the host's asking exits with where nothing has failed: the host starts another. After
 * 0 it starts none; any other code it takes for a failure, and starts another, too.
 * @see https://github.com/Azure/azure-functions-host, `WorkerProcess.OnProcessExited`
 */
const RESTART = 200;

/** Milliseconds in which the worker gives the last results to the host, of which it tells nobody. */
const SEND_MS = 100;

/**
 * Makes the Azure platform for one bus. The worker has the signals of its process, and ends it. Where the bus exits by
 * itself, the process ends with its exit code, or with 200 for 0, so that the host starts another worker.
 *
 * @throws {Error} Where the runtime has no process.
 * @throws {TypeError} Where an option is unknown.
 * @throws {RangeError} Where a time is no number of milliseconds.
 */
export function azure(options: AzureOptions = {}): AzurePlatform {
  const { graceMs = 5_000, process = ownProcess(action), ...others } = options;
  checkKeys(action, others, HOST_OPTIONS);
  checkMs(action, "graceMs", graceMs);
  let endsByHost = false;
  const platform = serverless({
    ...others,
    name: "Azure",
    traits: { notice: { kind: "appTerminate", graceMs } },
    leave({ code, leftMs }) {
      if (endsByHost) return;
      webClock.setTimer(SEND_MS, () => endNow(process, { code: code || RESTART, leftMs }));
    },
  });
  return {
    ...platform,
    leaveToHost() {
      endsByHost = true;
    },
  };
}
