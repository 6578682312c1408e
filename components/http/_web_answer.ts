/**
 * What the servers of `Deno.serve` and `Bun.serve` share: both are given a function from Request to Response.
 * @module
 */
import { probeOf } from "./probe_of.ts";
import type { Desk, ProbeAnswer } from "./wiring.ts";

/** What is used of a Request. */
export interface RequestLike {
  readonly method: string;
  readonly url: string;
}

/** What is used of a Response. */
export interface ResponseLike {
  readonly status: number;
  readonly headers: { set(name: string, value: string): void };
}

/** How long a server that closes serves on: what its clients sent in the same instant has arrived then. */
const QUIET_MS = 50;

/** Resolves when what clients sent before has arrived. */
export function quiet(): Promise<void> {
  return new Promise((resolve) => void setTimeout(resolve, QUIET_MS));
}

/** The answer to a request that asks for the application's health; undefined where it asks for anything else. */
export function probed({ probe }: Desk, request: RequestLike): Promise<Response> | undefined {
  // Method and URL are asked of the runtime, which costs more than all else here.
  if (!probe) return undefined;
  const { method, url } = request;
  // Not `new URL`, which takes as long as the rest of a request.
  const answer = probeOf(probe, method, url.slice(url.indexOf("/", url.indexOf("//") + 2)));
  return answer?.then((found) => responseOf(found, method));
}

function responseOf({ status, body }: ProbeAnswer, method: string): Response {
  const headers = { "content-type": "application/json", "cache-control": "no-store" };
  return new Response(method === "HEAD" ? null : body, { status, headers });
}

/** Says of an answer that its connection closes. What is no answer, or changes the protocol, stays as it is. */
export function withClose<T>(answer: T): T {
  const response = answer as Partial<ResponseLike> | null | undefined;
  if (!response?.headers || response.status === 101) return answer;
  try {
    response.headers.set("connection", "close");
    return answer;
  } catch {
    // Those of an answer of `fetch` cannot be changed.
    const { body } = answer as Response;
    const copy = new Response(body, answer as Response);
    copy.headers.set("connection", "close");
    return copy as T;
  }
}

/** Whether a function's answer is still to come. */
export function isPromise<T>(answer: T | PromiseLike<T>): answer is PromiseLike<T> {
  return typeof (answer as Partial<PromiseLike<T>> | null | undefined)?.then === "function";
}
