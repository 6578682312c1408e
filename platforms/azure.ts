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
import { serverless, type ServerlessPlatform } from "./serverless.ts";
import { HOST_OPTIONS, type HostOptions } from "./serverless/host_options.ts";

export type { AzureAppLike, DisposableLike, InvocationLike, PreInvocationLike } from "./azure/app_like.ts";
export { functionApp } from "./azure/function_app.ts";
export type { HostOptions } from "./serverless/host_options.ts";
export type { InvocationContext, ServerlessChannels, ServerlessPlatform } from "./serverless.ts";

/** What may be set of the Azure platform. */
export interface AzureOptions extends HostOptions {
  /**
   * Milliseconds that the host waits for the worker to end, once it has told it to. Default 5 000.
   * @see https://github.com/Azure/azure-functions-host, `WorkerTerminateGracePeriodInSeconds`
   */
  readonly graceMs?: number;
}

const action = "Cannot use the Azure platform";

/**
 * Makes the Azure platform for one bus. The worker has the signals of its process, and ends it.
 *
 * @throws {TypeError} Where an option is unknown.
 * @throws {RangeError} Where a time is no number of milliseconds.
 */
export function azure(options: AzureOptions = {}): ServerlessPlatform {
  const { graceMs = 5_000, ...others } = options;
  checkKeys(action, others, HOST_OPTIONS);
  checkMs(action, "graceMs", graceMs);
  return serverless({ ...others, name: "Azure", traits: { notice: { kind: "appTerminate", graceMs } } });
}
