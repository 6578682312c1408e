/**
 * The context that Vercel keeps of an invocation, in a global that `@vercel/functions` reads too.
 * @module
 */
import type { Invocation } from "../serverless.ts";
import type { RequestLike, WaitUntilLike } from "../serverless/web_invocation.ts";
import { fetchInvocation } from "./fetch_platform.ts";

const MARK = Symbol.for("@vercel/request-context");

/** The members of Vercel's request context that are used here. */
interface VercelContextLike extends WaitUntilLike {
  /** When Vercel cuts the invocation, as a date. */
  readonly deadline?: string;
}

interface Marked {
  readonly [MARK]?: { get?(): VercelContextLike | undefined };
}

/**
 * The invocation under way.
 * @see https://github.com/vercel/vercel/blob/main/packages/functions/src/get-context.ts
 */
export function vercelInvocation(request: RequestLike): Invocation {
  const context = (globalThis as Marked)[MARK]?.get?.();
  const invocation = fetchInvocation(request, context);
  const deadline = context?.deadline === undefined ? NaN : Date.parse(context.deadline);
  return Number.isNaN(deadline) ? invocation : Object.assign(invocation, { deadline });
}
