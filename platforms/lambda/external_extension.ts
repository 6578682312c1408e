/**
 * An external extension of AWS Lambda: a process of its own beside the function's, with a bus of its own.
 * @module
 */
import { checkFunction, checkKeys, checkName } from "../../src/check.ts";
import { textOf } from "../../src/errors.ts";
import { FAILED } from "../../src/exit_codes.ts";
import type { ProcessBus } from "../../src/process_bus.ts";
import { gate, type InvocationContext } from "../serverless.ts";
import type { ServerlessRecord } from "../serverless/log_event.ts";
import type { ExtensionEvent } from "./extension.ts";
import { realHostOf } from "./lambda_host.ts";

/** The options of an external extension. */
export interface ExternalExtensionOptions {
  /** The name of the extension, which has to be that of its file in `/opt/extensions`. Default: that of the program. */
  readonly name?: string;
  /** Runs beside each invocation of the function. Default: the extension is not told of invocations. */
  readonly invoked?: (event: ExtensionEvent, context: InvocationContext) => unknown;
}

const ACTION = "Cannot run an extension of AWS Lambda";

/**
 * Registers this process as an external extension, starts its bus, and stops it on the host's SHUTDOWN, which comes
 * once the function's process has ended; resolves to the exit code. If the bus does not start, the host is told so, and
 * does not use the environment.
 *
 * @throws {TypeError} If the platform of the bus is not `awsLambda()`, or an option is unknown or of a wrong type.
 *
 * @example
 * ```ts ignore
 * const bus = new ProcessBus({ platform: awsLambda({ graceMs: 1500 }) });
 * bus.use({ name: "telemetry", start: () => openBuffer(), stop: (buffer) => buffer.send() });
 * await runLambdaExtension(bus, { name: "telemetry" });
 * ```
 */
export async function runLambdaExtension<C extends object>(
  bus: ProcessBus<C>,
  options: ExternalExtensionOptions = {},
): Promise<number> {
  const host = realHostOf(ACTION, bus);
  checkKeys(ACTION, options, ["name", "invoked"]);
  const { name = host.process.argv[1]?.replace(/^.*\//, ""), invoked } = options;
  checkName(ACTION, name);
  checkFunction(ACTION, "invoked", invoked, true);
  host.ownsLoop = true;
  host.plan = {
    name: name!,
    events: invoked === undefined ? ["SHUTDOWN"] : ["INVOKE", "SHUTDOWN"],
    external: true,
  };
  const own = gate(bus);
  try {
    await own.ready();
  } catch (error) {
    await host.extension?.fail(error as Error, host.ended).catch(() => {});
    await bus.exit(FAILED).catch(() => {});
    return await host.left;
  }
  while (!host.ended.aborted) {
    let event: ExtensionEvent;
    try {
      event = await host.extension!.next(host.ended);
    } catch (error) {
      if (host.ended.aborted) break;
      const details = { event: "host", level: "error", error } satisfies ServerlessRecord;
      bus.log(`The extension ends: ${textOf(error)}`, details);
      void bus.exit(FAILED).catch(() => {});
      break;
    }
    const { eventType, deadlineMs, requestId: id = eventType } = event;
    if (eventType === "SHUTDOWN") {
      return await own.shutdown({ name: eventType, leftMs: Math.max(0, deadlineMs - Date.now()) });
    }
    try {
      await own.run({ id, kind: "invocation", deadline: deadlineMs }, (more) => invoked?.(event, more));
    } catch (error) {
      const details = {
        event: "invocation",
        level: "error",
        invocation: id,
        error,
      } satisfies ServerlessRecord;
      bus.log(`The invocation "${id}" failed: ${textOf(error)}`, details);
    }
  }
  return await host.left;
}
