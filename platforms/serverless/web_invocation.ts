/**
 * An invocation on a host of web standards: a Request, a Response, and a context with `waitUntil`.
 * @module
 */
import type { Signal } from "../../src/internal.ts";
import type { Invocation } from "./invocation.ts";
import type { Unavailable } from "./run_or_refuse.ts";

/** The members of a Request that are used here. */
export interface RequestLike {
  /** Aborts when the client goes away, where the host tells that. */
  readonly signal?: Signal;
}

/** The members that are used here of the context that a host passes beside the request; on some hosts the context is the event itself. */
export interface WaitUntilLike {
  /** Keeps the instance alive until the promise settles. */
  waitUntil?(work: Promise<unknown>): void;
}

/** The invocation of a request, or of another event. */
export class WebInvocation implements Invocation {
  readonly kind: string;
  readonly waitUntil?: (work: Promise<unknown>) => void;
  readonly #request: RequestLike;

  /** `host` is what the host passes beside the request: it may have a `waitUntil`, or not. */
  constructor(kind: string, request: RequestLike, host: unknown) {
    this.kind = kind;
    this.#request = request;
    const { waitUntil } = Object(host) as WaitUntilLike;
    if (typeof waitUntil === "function") this.waitUntil = (work) => waitUntil.call(host, work);
  }

  /** That of the request. A host makes it when it is first read, so it is read only when it is needed. */
  get signal(): Signal | undefined {
    return this.#request.signal;
  }
}

/** Answers a request that cannot be served. */
export function refuseByResponse({ status, headers, text }: Unavailable): Response {
  return new Response(text, { status, headers });
}
