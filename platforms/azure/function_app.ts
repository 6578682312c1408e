/**
 * All functions of an app of Azure, behind the gate of a bus.
 * @module
 */
import { checkFunction, show } from "../../src/check.ts";
import type { ProcessBus } from "../../src/process_bus.ts";
import { type Gate, gate } from "../serverless.ts";
import { runOrRefuse } from "../serverless/run_or_refuse.ts";
import type { Unavailable } from "../serverless/unavailable.ts";
import type { AzurePlatform } from "./azure_platform.ts";
import type { AzureAppLike, DisposableLike, PreInvocationLike } from "./app_like.ts";

const action = "Cannot use the function app";

/**
 * Ties an app to a bus: the bus starts with the app, and all functions of the app wait until it runs. A start that
 * failed is tried again by the next invocation. Until it runs, an HTTP function answers 503, and every other one rejects
 * with a `NotReadyError`, so that its trigger delivers again where it does. When the worker terminates, the bus exits.
 * Each function gets the invocation's context as one argument more: `(request, context, invocation)`.
 *
 * @returns The undo of all three registrations.
 * @throws {TypeError} Where `app` is not that of `@azure/functions` 4, or the bus's platform is no serverless one.
 */
export function functionApp<C extends object>(bus: ProcessBus<C>, app: AzureAppLike): DisposableLike {
  const own = gate(bus);
  const { hook } = Object(app) as Partial<AzureAppLike>;
  if (typeof hook !== "object" && typeof hook !== "function") {
    throw new TypeError(`${action}: "app.hook" is ${show(hook)}, expected "app" of @azure/functions 4`);
  }
  for (const name of ["appStart", "appTerminate", "preInvocation"] as const) {
    checkFunction(action, `app.hook.${name}`, hook[name]);
  }
  const { notice } = bus.platform.traits;
  const leftMs = notice === "none" ? 0 : notice.graceMs;
  const registered = [
    hook.appStart(async () => {
      // It is logged. Here it would fail the whole worker, which the host then starts again and again.
      await own.ready({ kind: "appStart" })?.catch(() => {});
    }),
    hook.appTerminate(async () => {
      (bus.platform as Partial<AzurePlatform>).leaveToHost?.();
      await own.shutdown({ name: "appTerminate", leftMs });
    }),
    hook.preInvocation((context) => put(own, context)),
  ];
  return { dispose: () => registered.forEach((one) => one.dispose()) };
}

/** Puts the gate in front of the function. */
function put(own: Gate, context: PreInvocationLike): void {
  const { functionHandler, invocationContext } = context;
  const { invocationId: id, functionName: kind, options } = invocationContext;
  const isHttp = options?.trigger?.type?.toLowerCase() === "httptrigger";
  const run = isHttp ? runOrRefuse<unknown>(own, refuse) : own.run.bind(own);
  context.functionHandler = (...args: never[]) =>
    run({ id, kind }, (given) => functionHandler(...args, given as never));
}

function refuse({ status, headers, text }: Unavailable): unknown {
  return { status, headers, body: text };
}
