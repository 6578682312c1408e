/**
 * The answer to a request that cannot be served.
 * @module
 */
import { isNotReady } from "./not_ready_error.ts";

/** An answer, as plain data: each host has its own way to give it. */
export interface Unavailable {
  /** The status code. */
  readonly status: 503;
  /** The headers, in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  /** The body. It says nothing of why: that is in the log, and not the public's. */
  readonly text: string;
}

/**
 * The answer 503 where the bus does not run, with the time to come again, if there is one.
 * @throws Whatever is no `NotReadyError`.
 * @see https://www.rfc-editor.org/rfc/rfc9110#name-503-service-unavailable
 */
export function unavailable(error: unknown): Unavailable {
  if (!isNotReady(error)) throw error;
  const { retryAfterMs } = error;
  const retry = retryAfterMs === undefined
    ? undefined
    : { "retry-after": `${Math.ceil(retryAfterMs / 1000)}` };
  const headers = { "content-type": "text/plain; charset=utf-8", "cache-control": "no-store", ...retry };
  return { status: 503, headers, text: "Service Unavailable\n" };
}
