/**
 * A function of Knative, behind the gate of a bus.
 * @module
 */
import { checkFunction } from "../../src/check.ts";
import type { ProcessBus } from "../../src/process_bus.ts";
import { webClock } from "../../src/web_clock.ts";
import { gate, type InvocationContext } from "../serverless.ts";
import { runOrRefuse } from "../serverless/run_or_refuse.ts";
import type { KnativePlatform } from "./knative.ts";

/** An answer in the form that Knative has for one with a status of its own. */
export interface KnativeAnswer {
  /** The status. */
  readonly statusCode: number;
  /** The headers. */
  readonly headers: Readonly<Record<string, string>>;
  /** The text. */
  readonly body: string;
}

/** What is used of the reply to a probe. */
export interface ReplyLike {
  /** Sets the status. */
  code(status: number): { send(text: string): unknown };
}

/** What a module of a Knative function exports. */
export interface KnativeFunction<X, B, R> {
  /** Starts the bus, before the host listens. Rejects where that fails, and the process ends. */
  init(): Promise<void>;
  /** Answers a request or a CloudEvent. */
  handle(context: X, data: B): Promise<R | KnativeAnswer>;
  /** Stops the bus; resolves once it has, within the time that the pod has. */
  shutdown(): Promise<void>;
  /** Whether the bus and its components are ready: 200, else 503. Leave it out where the host's own probe is wanted. */
  readiness(request: unknown, reply: ReplyLike): Promise<void>;
}

/** Two calls of `shutdown` in this time are one, in milliseconds, as two signals are. */
const FOLD_MS = 500;

/**
 * Makes the functions that a module exports for `faas-js-runtime`:
 * `export const { init, handle, shutdown, readiness } = knativeFunction(bus, body)`. A second SIGTERM or Ctrl-C, more
 * than 500 ms after the first, ends the bus at once.
 *
 * @throws {TypeError} Where `body` is no function, or the platform of the bus is no serverless one.
 *
 * @see https://github.com/nodeshift/faas-js-runtime#functions
 */
export function knativeFunction<X, B, R, C extends object>(
  bus: ProcessBus<C>,
  body: (context: X, data: B, invocation: InvocationContext) => R | Promise<R>,
): KnativeFunction<X, B, R> {
  const own = gate(bus);
  checkFunction("Cannot make the Knative function", "body", body);
  const { notice } = bus.platform.traits;
  const graceMs = notice === "none" ? 0 : notice.graceMs;
  const run = runOrRefuse<R | KnativeAnswer>(
    own,
    ({ status, headers, text }) => ({ statusCode: status, headers, body: text }),
  );
  let askedAt: number | undefined;
  return {
    init: () => own.ready({ kind: "init" }) ?? Promise.resolve(),
    handle: async (context, data) =>
      await run({ kind: "request" }, (invocation) => body(context, data, invocation)),
    async shutdown() {
      (bus.platform as Partial<KnativePlatform>).leaveToHost?.();
      const now = webClock.now();
      askedAt ??= now;
      const again = now - askedAt > FOLD_MS;
      await own.shutdown({ name: "shutdown", leftMs: again ? 0 : graceMs });
    },
    async readiness(_request, reply) {
      const { ready } = await bus.check();
      await reply.code(ready ? 200 : 503).send(ready ? "OK" : "Service Unavailable");
    },
  };
}
