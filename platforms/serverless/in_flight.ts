/**
 * The invocations that have begun and not ended, with the work that they go on with after the answer.
 * @module
 */
import { isThenable } from "../../src/internal.ts";
import type { Phase } from "../../src/phase.ts";
import type { Context, InvocationContext } from "./invocation.ts";

/** The work that is in flight in one instance. */
export class InFlight {
  count = 0;
  /** The contexts whose signal somebody has read. */
  readonly #contexts = new Set<Context>();
  #drained: Set<() => void> | undefined;
  /** Is told that the body of an invocation has ended, before it leaves; undefined where nobody needs to know. */
  readonly #ended: ((context: Context) => void) | undefined;

  constructor(ended: ((context: Context) => void) | undefined) {
    this.#ended = ended;
  }

  /** Calls the body, and counts the invocation until what it returns has settled. */
  run<T>(context: Context, body: (context: InvocationContext) => T | Promise<T>): T | Promise<T> {
    this.count++;
    let result: T | Promise<T>;
    try {
      result = body(context);
    } catch (error) {
      this.end(context);
      throw error;
    }
    if (result instanceof Promise) this.endAfter(result, context);
    // A query that is built may do its work at each call of its `then`: so it gets one promise.
    else if (isThenable(result)) this.endAfter(result = Promise.resolve(result), context);
    else this.end(context);
    return result;
  }

  /** Notes the end of a body when its promise has settled. */
  endAfter(result: Promise<unknown>, context: Context): void {
    const end = () => {
      this.#ended?.(context);
      this.leave(context);
    };
    result.then(end, end);
  }

  /** The body of an invocation has ended. */
  end(context: Context): void {
    this.#ended?.(context);
    this.leave(context);
  }

  /** Keeps a context among those whose signal aborts at the end of `drain`. */
  add(context: Context): void {
    this.#contexts.add(context);
  }

  /** A part of an invocation has ended: its body, or work that it goes on with. */
  leave(context: Context): void {
    this.count--;
    if (--context.pending === 0 && context.isWatched) {
      context.close();
      this.#contexts.delete(context);
    }
    if (this.count === 0) this.#drained?.forEach((drained) => drained());
  }

  /** Waits until nothing is in flight; shortly before the phase's time is over, it aborts the signals of the contexts. */
  drain({ signal }: Phase): Promise<void> | undefined {
    if (this.count === 0) return;
    const cut = () => {
      for (const context of this.#contexts) context.abort(signal.reason);
    };
    if (signal.aborted) cut();
    signal.addEventListener("abort", cut);
    return new Promise((resolve) => {
      const drained = () => {
        signal.removeEventListener("abort", cut);
        this.#drained?.delete(drained);
        resolve();
      };
      (this.#drained ??= new Set()).add(drained);
    });
  }
}
