/**
 * An invocation that is answered also where the bus does not run.
 * @module
 */
import type { Gate } from "./gate.ts";
import type { Invocation, InvocationContext } from "./invocation.ts";
import { isNotReady } from "./not_ready_error.ts";

/** The answer to a request that cannot be served, as plain data: each host has its own way to give it. */
export interface Unavailable {
  /** The status code. */
  readonly status: 503;
  /** The headers, in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  /** The body. It does not say why: that is in the log, and not for the public. */
  readonly text: string;
}

/** Runs the body of one invocation. */
export type Run<T> = (
  invocation: Invocation,
  body: (context: InvocationContext) => T | Promise<T>,
) => T | Promise<T>;

/**
 * Makes a `run` of the gate that answers by `refuse` where the bus does not come to run. It passes on what a body returns
 * or throws, and makes no promise where the body is called at once.
 */
export function runOrRefuse<T>(gate: Gate, refuse: (answer: Unavailable) => T): Run<T> {
  return (invocation, body) => {
    let begun = false;
    const answer = gate.run(invocation, (context) => {
      begun = true;
      return body(context);
    });
    if (begun) return answer;
    return (answer as Promise<T>).catch((error) => {
      // A body that has begun meanwhile has failed by itself.
      if (begun) throw error;
      return refuse(unavailable(error));
    });
  };
}

/**
 * The answer 503 where the bus does not run, with the time to come again where that makes sense.
 * @throws `error`, if it is no `NotReadyError`.
 * @see https://www.rfc-editor.org/rfc/rfc9110#name-503-service-unavailable
 */
export function unavailable(error: unknown): Unavailable {
  if (!isNotReady(error)) throw error;
  const headers: Record<string, string> = {
    "content-type": "text/plain; charset=utf-8",
    "cache-control": "no-store",
  };
  const { retryAfterMs } = error;
  if (retryAfterMs !== undefined) headers["retry-after"] = `${Math.ceil(retryAfterMs / 1000)}`;
  return { status: 503, headers, text: "Service Unavailable\n" };
}
