/**
 * The platform of a host of functions from Request to Response.
 * @module
 */
import type { Invocation, ServerlessPlatform } from "../serverless.ts";
import { type RequestLike, WebInvocation } from "../serverless/web_invocation.ts";

/** The platform of such a host. */
export interface FetchPlatform extends ServerlessPlatform {
  /** Reads the invocation from a request; `host` is the second argument that the host passes. */
  invocation(request: RequestLike, host: unknown): Invocation;
  /** Settles once the answer was sent, where the host tells that. */
  sent?(host: unknown): Promise<unknown> | undefined;
}

/** The invocation of a host that may pass something with `waitUntil`. */
export function fetchInvocation(request: RequestLike, host: unknown): Invocation {
  return new WebInvocation("fetch", request, host);
}
