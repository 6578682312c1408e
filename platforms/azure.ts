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
import { webClock } from "../src/web_clock.ts";
import { endNow } from "./process/ending.ts";
import { calledToEnd, type HostCalledPlatform } from "./serverless/called_to_end.ts";
import { processHost, type ProcessHostOptions } from "./serverless/process_host.ts";

export type { AzureAppLike, DisposableLike, InvocationLike, PreInvocationLike } from "./azure/app_like.ts";
export { functionApp } from "./azure/function_app.ts";
export type { ProcessLike, ProcessListener, StreamLike } from "./process/process_like.ts";
export type { HostCalledPlatform } from "./serverless/called_to_end.ts";
export type { HostOptions, ProcessHostOptions } from "./serverless/process_host.ts";
export type { InvocationContext, ServerlessChannels, ServerlessPlatform } from "./serverless.ts";

/** The options of the Azure platform. */
export interface AzureOptions extends ProcessHostOptions {
  /**
   * Milliseconds that the host waits for the worker to end, once it has told it to. Default 5 000.
   * @see https://github.com/Azure/azure-functions-host, `WorkerTerminateGracePeriodInSeconds`
   */
  readonly graceMs?: number;
}

/**
 * The exit code that asks the host for another worker, where nothing has failed. After 0 the host starts none; it takes any
 * other code for a failure.
 * @see https://github.com/Azure/azure-functions-host, `WorkerProcess.OnProcessExited`
 */
const RESTART = 200;

/** Milliseconds in which the worker gives the last results to the host: it tells nobody when it has. */
const SEND_MS = 100;

/**
 * Makes the Azure platform for one bus. The worker has the signals of its process, and ends it. If the bus exits by
 * itself, the process ends with its exit code, or with 200 in place of 0, so that the host starts another worker.
 *
 * @throws {Error} If the runtime has no process.
 * @throws {TypeError} If an option is unknown.
 * @throws {RangeError} If a time is no number of milliseconds.
 */
export function azure(options: AzureOptions = {}): HostCalledPlatform {
  const host = processHost(options, { name: "Azure", graceMs: 5_000 });
  const { process, graceMs } = host;
  const platform = host.platform({ traits: { notice: { kind: "appTerminate", graceMs } } });
  return calledToEnd(platform, ({ code, leftMs }) => {
    webClock.setTimer(SEND_MS, () => endNow(process, { code: code || RESTART, leftMs }));
  });
}
