/**
 * The invocations that have begun and not ended, with the work that they go on with.
 * @module
 */
import type { Phase } from "../../src/states.ts";
import type { Context } from "./invocation.ts";

/** What is in flight in one instance. */
export class InFlight {
  count = 0;
  /** Those whose signal somebody has. */
  readonly #contexts = new Set<Context>();
  #drained: (() => void) | undefined;

  /** Keeps a context among those that are told to cut. */
  add(context: Context): void {
    this.#contexts.add(context);
  }

  /** One of them is over. */
  leave(context?: Context): void {
    this.count--;
    if (context?.isWatched) {
      context.close();
      this.#contexts.delete(context);
    }
    if (this.count === 0) this.#drained?.();
  }

  /** One of them is over when this has settled. */
  leaveAfter(result: PromiseLike<unknown>, context: Context): void {
    const end = () => this.leave(context);
    result.then(end, end);
  }

  /** Waits until nothing is in flight; shortly before the phase's time is over, the invocations are told to cut. */
  drain({ signal }: Phase): Promise<void> | undefined {
    if (this.count === 0) return;
    const cut = () => {
      for (const context of this.#contexts) context.abort(signal.reason);
    };
    if (signal.aborted) cut();
    signal.addEventListener("abort", cut);
    return new Promise((resolve) => {
      this.#drained = () => {
        signal.removeEventListener("abort", cut);
        this.#drained = undefined;
        resolve();
      };
    });
  }
}
