/**
 * The common part of the servers of `Deno.serve` and `Bun.serve`: both are given a function from Request to Response.
 * @module
 */
import type { ProbeAnswer, Probes } from "./wiring.ts";

/** The members of a Request that are used here. */
export interface RequestLike {
  readonly method: string;
  readonly url: string;
}

/** The members of a Response that are used here. */
interface ResponseLike {
  readonly status: number;
  readonly headers: {
    get(name: string): string | null;
    set(name: string, value: string): void;
  } & Iterable<[string, string]>;
  readonly body: { cancel(): Promise<void> } | null;
  /** A copy; it leaves the original as it is. */
  clone(): ResponseLike;
}

/** How long a server that closes serves on: what its clients sent in the same instant has arrived then. */
const QUIET_MS = 50;

/** Resolves when what clients sent before has arrived. */
export function quiet(): Promise<void> {
  return new Promise((resolve) => void setTimeout(resolve, QUIET_MS));
}

/** The answer to a health probe; undefined where the request is none. */
export function probed(probes: Probes | undefined, request: RequestLike): Promise<Response> | undefined {
  // Method and URL are asked of the runtime, which costs more than all else here.
  if (!probes) return undefined;
  const { method, url } = request;
  // Not `new URL`, which takes as long as the rest of a request.
  const answer = probes.answer(method, url.slice(url.indexOf("/", url.indexOf("//") + 2)));
  return answer?.then((found) => responseOf(found, method));
}

function responseOf({ status, headers, body }: ProbeAnswer, method: string): Response {
  const isEmpty = method === "HEAD" || [101, 204, 205, 304].includes(status);
  return new Response(isEmpty ? null : body, { status, headers });
}

/**
 * Says of an answer that its connection closes, and changes nothing else of it. Where that cannot be said (the answer is
 * none, changes the protocol, has headers that cannot be changed, or is a file of Bun's), the connection is closed with
 * the others instead.
 */
export function sayClose<T>(answer: T): T {
  const response = answer as Partial<ResponseLike> | null | undefined;
  if (response?.status === undefined || response.status === 101) return answer;
  if (copyOf(response as ResponseLike)?.isFile) return answer;
  try {
    response.headers?.set("connection", "close");
    return answer;
  } catch {
    // A redirection has nothing that a copy could change; an answer of `fetch` has a length and an encoding.
    if (!isRedirection(response as ResponseLike)) return answer;
    const copy = new Response(null, answer as ResponseInit);
    copy.headers.set("connection", "close");
    return copy as T;
  }
}

/** Whether the answer is one of `Response.redirect`. */
function isRedirection({ body, headers }: ResponseLike): boolean {
  return body === null && [...headers].every(([name]) => name === "location");
}

/** The content type of an answer, or undefined. Reading it changes nothing of the answer. */
export function typeOf(answer: unknown): string | undefined {
  const response = answer as Partial<ResponseLike> | null | undefined;
  if (response?.status === undefined) return undefined;
  const { headers } = copyOf(response as ResponseLike) ?? response;
  return headers?.get("content-type") ?? undefined;
}

/**
 * On Bun, what a copy of the answer says; undefined elsewhere. Bun sends a part of a file with 206 and Content-Range, but
 * with 200 when the headers of the answer were only looked at, so that the original must not be asked.
 */
function copyOf(response: ResponseLike): { isFile: boolean; headers: ResponseLike["headers"] } | undefined {
  const { Bun } = globalThis as { readonly Bun?: { inspect(value: unknown): string } };
  if (!Bun) return undefined;
  try {
    const copy = response.clone();
    const isFile = /^ {2}(?:File|S3)Ref\b/m.test(Bun.inspect(copy));
    const { headers } = copy;
    // The other half of a stream would be kept for the copy.
    if (!isFile) copy.body?.cancel().catch(() => {});
    return { isFile, headers };
  } catch {
    // A body that is in use cannot be copied, and is no file.
    return undefined;
  }
}

/** Whether a function's answer is still to come. */
export function isPromise<T>(answer: T | PromiseLike<T>): answer is PromiseLike<T> {
  return typeof (answer as Partial<PromiseLike<T>> | null | undefined)?.then === "function";
}
