/**
 * The invocations that have begun and not ended, with the work that they go on with.
 * @module
 */
import type { Phase } from "../../src/phase.ts";
import type { Context } from "./invocation.ts";

/** What is in flight in one instance. */
export class InFlight {
  count = 0;
  /** Those whose signal somebody has. */
  readonly #contexts = new Set<Context>();
  readonly #drained = new Set<() => void>();

  /** Keeps a context among those that are told to cut. */
  add(context: Context): void {
    this.#contexts.add(context);
  }

  /** Something of an invocation is over: its body, or work that it goes on with. */
  leave(context: Context): void {
    this.count--;
    if (--context.pending === 0 && context.isWatched) {
      context.close();
      this.#contexts.delete(context);
    }
    if (this.count === 0 && this.#drained.size > 0) this.#drained.forEach((drained) => drained());
  }

  /** The same when this has settled. */
  leaveAfter(result: Promise<unknown>, context: Context): void {
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
      const drained = () => {
        signal.removeEventListener("abort", cut);
        this.#drained.delete(drained);
        resolve();
      };
      this.#drained.add(drained);
    });
  }
}
