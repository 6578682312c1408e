/**
 * An application is a function from Request to Response, or an object with such a function.
 * @module
 */
import { isThenable, type Signal } from "../../src/internal.ts";
import { show } from "../../src/check.ts";

/** The consumer's own Request, where there is one. */
export type WebRequest = typeof globalThis extends { Request: { prototype: infer R } } ? R : object;

/** The consumer's own Response, where there is one. */
export type WebResponse = typeof globalThis extends { Response: { prototype: infer R } } ? R : object;

/** Answers a request. Whatever its server gives besides the request, such as `env` and `ctx`, is passed on. */
export type FetchLike<A extends readonly unknown[] = readonly unknown[]> = (
  request: WebRequest,
  ...rest: A
) => WebResponse | Promise<WebResponse>;

/** An application: `export default app` of it is what `sitebus serve`, `Deno.serve`, Bun and Workers take. */
export interface WebApp<A extends readonly unknown[] = readonly unknown[]> {
  /** Answers a request. It needs no `this`. */
  readonly fetch: FetchLike<A>;
}

/** Keeps the context of a request alive, as a Worker's `ctx` does. */
export interface Keeper {
  /** Keeps the context alive until the promise settles. */
  waitUntil?(work: Promise<unknown>): void;
}

/** Returns the function of an application. @throws {TypeError} If it has none, naming the action. */
export function fetchOf<A extends readonly unknown[]>(action: string, app: unknown): FetchLike<A> {
  if (typeof app === "function") return app as FetchLike<A>;
  const { fetch } = Object(app) as Partial<WebApp<A>>;
  if (typeof fetch === "function") {
    return (request, ...rest) => fetch.call(app as WebApp<A>, request, ...rest);
  }
  throw new TypeError(
    `${action}: the application is ${show(app)}, expected a function or an object with "fetch"`,
  );
}

/** The argument that keeps the request's context alive, if its server gave one. */
export function keeperOf(rest: readonly unknown[]): Keeper | undefined {
  return rest.find((one) => typeof Object(one).waitUntil === "function") as Keeper | undefined;
}

/** The signal of a request, if it has one. */
export function signalOf(request: WebRequest): Signal | undefined {
  return (request as { readonly signal?: Signal } | undefined)?.signal;
}

/** Calls `end` once the answer is there, or has failed, and returns the answer. */
export function whenAnswered<T>(answer: T, end: () => void): T {
  if (isThenable(answer)) answer.then(end, end);
  else end();
  return answer;
}
