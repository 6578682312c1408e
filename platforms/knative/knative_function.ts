/**
 * A function of Knative, behind the gate of a bus.
 * @module
 */
import { checkFunction } from "../../src/check.ts";
import type { ProcessBus } from "../../src/process_bus.ts";
import { gate, type InvocationContext } from "../serverless.ts";
import { exitByCall } from "../serverless/called_to_end.ts";
import { runOrRefuse } from "../serverless/run_or_refuse.ts";

/** An answer with a status of its own, in Knative's form. */
export interface KnativeAnswer {
  /** The status code. */
  readonly statusCode: number;
  /** The headers. */
  readonly headers: Readonly<Record<string, string>>;
  /** The text. */
  readonly body: string;
}

/** The members of the reply to a probe that are used here. */
export interface ReplyLike {
  /** Sets the status. */
  code(status: number): { send(text: string): unknown };
}

/** The exports of the module of a Knative function. */
export interface KnativeFunction<X, B, R> {
  /** Starts the bus, before the host listens. Rejects if the start fails, and the process ends. */
  init(): Promise<void>;
  /** Answers a request or a CloudEvent. */
  handle(context: X, data: B): Promise<R | KnativeAnswer>;
  /** Stops the bus; resolves once the bus has left, within the time that the pod has. */
  shutdown(): Promise<void>;
  /** Answers 200 if the bus and its components are ready, else 503. Leave it out to keep the host's own probe. */
  readiness(request: unknown, reply: ReplyLike): Promise<void>;
}

/**
 * Makes the functions that a module exports for `faas-js-runtime`:
 * `export const { init, handle, shutdown, readiness } = knativeFunction(bus, body)`. A second SIGTERM or Ctrl-C, more
 * than 500 ms after the first, ends the bus at once.
 *
 * @throws {TypeError} If `body` is no function, or the platform of the bus is no serverless one.
 *
 * @see https://github.com/nodeshift/faas-js-runtime#functions
 */
export function knativeFunction<X, B, R, C extends object>(
  bus: ProcessBus<C>,
  body: (context: X, data: B, invocation: InvocationContext) => R | Promise<R>,
): KnativeFunction<X, B, R> {
  const own = gate(bus);
  checkFunction("Cannot make the Knative function", "body", body);
  const run = runOrRefuse<R | KnativeAnswer>(
    own,
    ({ status, headers, text }) => ({ statusCode: status, headers, body: text }),
  );
  return {
    init: () => own.ready({ kind: "init" }) ?? Promise.resolve(),
    handle: async (context, data) =>
      await run({ kind: "request" }, (invocation) => body(context, data, invocation)),
    shutdown: exitByCall(bus, "shutdown"),
    async readiness(_request, reply) {
      const { ready } = await bus.check();
      await reply.code(ready ? 200 : 503).send(ready ? "OK" : "Service Unavailable");
    },
  };
}
