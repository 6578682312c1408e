/**
 * The answer to a request that cannot be served.
 * @module
 */
import type { Bus } from "../../src/bus.ts";
import { isNotReady, type NotReadyError } from "./not_ready_error.ts";

/** The consumer's own Response, where there is one. */
export type WebResponse = typeof globalThis extends { Response: { prototype: infer R } } ? R : object;

/** The header that tells when to come again; none where that is never. @see https://www.rfc-editor.org/rfc/rfc9110#name-retry-after */
export function retryAfter({ retryAfterMs }: NotReadyError): { readonly "retry-after"?: string } {
  return retryAfterMs === undefined ? {} : { "retry-after": `${Math.ceil(retryAfterMs / 1000)}` };
}

/**
 * The answer 503 to a request whose bus does not run; any other error is thrown on. Why is logged, and not told to the
 * public; a failed start has been logged by its bus.
 * @throws Whatever is no `NotReadyError`.
 */
export function unavailable(bus: Pick<Bus, "log">, error: unknown): WebResponse {
  if (!isNotReady(error)) throw error;
  if (error.kind !== "failed") bus.log(error.message, { level: "warn", error });
  const headers = { "content-type": "text/plain; charset=utf-8", ...retryAfter(error) };
  return new Response("Service Unavailable", { status: 503, headers }) as WebResponse;
}
