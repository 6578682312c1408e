/**
 * What a host of functions from Request to Response tells of a request.
 * @module
 */
import type { Signal } from "../../src/internal.ts";
import type { Invocation, ServerlessPlatform } from "../serverless.ts";

/** What is used of a Request. */
export interface RequestLike {
  /** Aborts when the client goes away, where the host tells. */
  readonly signal?: Signal;
}

/** What is used of the second argument that a host passes: a context, or the event itself. */
export interface WaitUntilLike {
  /** Keeps the instance alive until the promise settles. */
  waitUntil?(work: Promise<unknown>): void;
}

/** The platform of such a host. */
export interface FetchPlatform extends ServerlessPlatform {
  /** What the host tells of a request; `host` is the second argument that the host passes. */
  invocation(request: RequestLike, host: unknown): Invocation;
  /** Settles once the answer was sent, where the host tells that. */
  sent?(host: unknown): Promise<unknown> | undefined;
}

/** An invocation whose signal is read from the request only when it is needed, since a host makes it then. */
class FetchInvocation implements Invocation {
  readonly kind = "fetch";
  readonly #request: RequestLike;

  constructor(request: RequestLike) {
    this.#request = request;
  }

  get signal(): Signal {
    // Undefined if the host has none, as that of an invocation may be.
    return this.#request.signal as Signal;
  }
}

class LastingInvocation extends FetchInvocation {
  readonly #host: WaitUntilLike;

  constructor(request: RequestLike, host: WaitUntilLike) {
    super(request);
    this.#host = host;
  }

  waitUntil(work: Promise<unknown>): void {
    this.#host.waitUntil!(work);
  }
}

/** The invocation of a host that may pass something with `waitUntil`. */
export function fetchInvocation(request: RequestLike, host: unknown): Invocation {
  const lasting = typeof (host as WaitUntilLike | undefined)?.waitUntil === "function";
  return lasting ? new LastingInvocation(request, host as WaitUntilLike) : new FetchInvocation(request);
}
