/**
 * All functions of an Azure app, behind the gate of a bus.
 * @module
 */
import { checkFunction, show } from "../../src/check.ts";
import type { ProcessBus } from "../../src/process_bus.ts";
import { type Gate, gate } from "../serverless.ts";
import { exitByCall } from "../serverless/called_to_end.ts";
import { runOrRefuse, type Unavailable } from "../serverless/run_or_refuse.ts";
import type { AzureAppLike, DisposableLike, PreInvocationLike } from "./app_like.ts";

const ACTION = "Cannot use the function app";

/**
 * Ties an app to a bus: the bus starts with the app, and all functions of the app wait until the bus runs. A start that
 * failed is tried again by the next invocation. Until the bus runs, an HTTP function answers 503; every other function
 * rejects with a `NotReadyError`, so that a trigger that retries delivers again. When the worker terminates, the bus
 * exits. Each function gets the invocation's context as one more argument: `(request, context, invocation)`.
 *
 * @returns The undo of all three registrations.
 * @throws {TypeError} If `app` is not that of `@azure/functions` 4, or the platform of the bus is no serverless one.
 */
export function functionApp<C extends object>(bus: ProcessBus<C>, app: AzureAppLike): DisposableLike {
  const own = gate(bus);
  const { hook } = Object(app) as Partial<AzureAppLike>;
  if (typeof hook !== "object" && typeof hook !== "function") {
    throw new TypeError(`${ACTION}: "app.hook" is ${show(hook)}, expected "app" of @azure/functions 4`);
  }
  for (const name of ["appStart", "appTerminate", "preInvocation"] as const) {
    checkFunction(ACTION, `app.hook.${name}`, hook[name]);
  }
  const registered = [
    hook.appStart(async () => {
      // The bus has logged a failure. Thrown here, it would fail the worker, which the host then restarts for ever.
      await own.ready({ kind: "appStart" })?.catch(() => {});
    }),
    hook.appTerminate(exitByCall(bus, "appTerminate")),
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
