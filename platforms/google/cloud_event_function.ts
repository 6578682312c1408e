/**
 * A CloudEvent function of the functions framework, behind the gate of a bus.
 * @module
 */
import { checkFunction } from "../../src/check.ts";
import type { ProcessBus } from "../../src/process_bus.ts";
import { gate, type InvocationContext } from "../serverless.ts";
import { deadlineOn } from "./google_platform.ts";

/** The members of a CloudEvent that are used here. */
export interface CloudEventLike {
  /** Its id, for messages. */
  readonly id?: string;
}

/**
 * Makes the function that is registered with the framework: it starts the bus if it does not run, and then calls `body`.
 * It passes on what `body` returns or throws. If the bus does not come to run, it rejects with a `NotReadyError`, so that
 * a trigger that retries delivers the event again.
 *
 * @throws {TypeError} If `body` is no function, or the platform of the bus is no serverless one.
 */
export function cloudEventFunction<E extends CloudEventLike, C extends object>(
  bus: ProcessBus<C>,
  body: (event: E, invocation: InvocationContext) => unknown,
): (event: E) => Promise<unknown> {
  const own = gate(bus);
  checkFunction("Cannot make the CloudEvent function", "body", body);
  // The framework takes a function of two parameters for one that calls back.
  return async (event) => {
    const { id } = Object(event) as CloudEventLike;
    const invocation = { kind: "event", deadline: deadlineOn(bus.platform), id };
    return await own.run(invocation, (context) => body(event, context));
  };
}
