/**
 * A CloudEvent function of the functions framework, behind the gate of a bus.
 * @module
 */
import { checkFunction } from "../../src/check.ts";
import type { ProcessBus } from "../../src/process_bus.ts";
import { gate, type InvocationContext } from "../serverless.ts";
import { deadlineOn } from "./google_platform.ts";

/** What is used of a CloudEvent. */
export interface CloudEventLike {
  /** Its id, for messages. */
  readonly id?: string;
}

/**
 * Makes the function that the framework is given: it starts the bus where it does not run, and then calls `body`. What
 * `body` returns or throws is the framework's to answer. Where the bus does not come to run it rejects with a
 * `NotReadyError`, so that the event is delivered again where its trigger retries.
 *
 * @throws {TypeError} Where `body` is no function, or the platform of the bus is no serverless one.
 */
export function cloudEventFunction<E extends CloudEventLike, C extends object>(
  bus: ProcessBus<C>,
  body: (event: E, invocation: InvocationContext) => unknown,
): (event: E) => Promise<unknown> {
  const own = gate(bus);
  checkFunction("Cannot make the CloudEvent function", "body", body);
  // The framework takes a function of two parameters for one that calls back.
  return async (event) => {
    const invocation = { kind: "event", deadline: deadlineOn(bus.platform), ...idOf(event) };
    return await own.run(invocation, (context) => body(event, context));
  };
}

function idOf(event: CloudEventLike): { readonly id?: string } {
  const { id } = Object(event) as CloudEventLike;
  return id === undefined ? {} : { id };
}
