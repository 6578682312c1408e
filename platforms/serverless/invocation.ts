/**
 * One invocation: what its host tells of it, and what its body gets.
 * @module
 */
import { type Controller, type Signal, web } from "../../src/_web.ts";
import { namedError } from "../../src/deadline.ts";
import type { Clock } from "../../src/platform.ts";

/** What a host tells of one invocation; what it does not know is left out. */
export interface Invocation {
  /** Its name, for messages. */
  readonly id?: string | undefined;
  /** What it is: `"fetch"`, `"scheduled"`, `"queue"`, … For messages. */
  readonly kind?: string | undefined;
  /** Aborts when nobody waits for the answer any more. */
  readonly signal?: Signal | undefined;
  /** When the host cuts it, in milliseconds since 1970. */
  readonly deadline?: number | undefined;
  /** Keeps the invocation's context alive until the promise settles, where the host can. */
  waitUntil?(work: Promise<unknown>): void;
}

/** What the body of an invocation gets. */
export interface InvocationContext {
  /**
   * Aborts when nobody waits for the answer any more, shortly before the host's deadline, and when the bus drains
   * and its time is over. Made when it is first read.
   */
  readonly signal: Signal;
  /** Milliseconds until the host's deadline; `Infinity` where it tells none. */
  left(): number;
  /**
   * Goes on with work after the answer, where the host can; else the answer waits for it. A rejection is logged. Work
   * is in flight until it settles, and `drain` waits for it.
   */
  waitUntil(work: Promise<unknown>): void;
}

/** What a context has of its gate. */
export interface ContextOwner {
  readonly clock: Clock;
  /** Keeps the context among those whose signal `drain` aborts. */
  add(context: Context): void;
  /** Takes over work that outlasts the answer. */
  after(context: Context, work: Promise<unknown>): void;
}

/** Milliseconds between the abort of the signal and the host's deadline, as the phases of a bus have it. */
function mercy(ms: number): number {
  return Math.min(250, ms / 10);
}

/** The context of one invocation. It costs one object; the rest is made when it is asked for. */
export class Context implements InvocationContext {
  readonly invocation: Invocation;
  /** Work that the answer waits for. */
  works: Promise<unknown>[] | undefined;
  readonly #owner: ContextOwner;
  #controller: Controller | undefined;
  #undo: (() => void) | undefined;

  constructor(owner: ContextOwner, invocation: Invocation) {
    this.#owner = owner;
    this.invocation = invocation;
  }

  get signal(): Signal {
    return (this.#controller ?? this.#watch()).signal;
  }

  /** Whether its end has to be seen: it has a signal, or work that the answer waits for. */
  get isUsed(): boolean {
    return this.#controller !== undefined || this.works !== undefined;
  }

  left(): number {
    const { deadline = Infinity } = this.invocation;
    return deadline === Infinity ? Infinity : Math.max(0, deadline - this.#owner.clock.time());
  }

  waitUntil(work: Promise<unknown>): void {
    this.#owner.after(this, work);
  }

  /** Aborts the signal, where somebody has it. */
  abort(reason: unknown): void {
    this.#controller?.abort(reason);
  }

  /** Lets go of the timer and of the host's signal: the invocation is over. */
  close(): void {
    this.#undo?.();
    this.#undo = undefined;
  }

  #watch(): Controller {
    const controller = this.#controller = new web.AbortController();
    const { signal } = this.invocation;
    const left = this.left();
    if (signal?.aborted) controller.abort(signal.reason);
    else if (left <= 0) controller.abort(outOfTime());
    if (controller.signal.aborted) return controller;
    const abort = () => controller.abort(signal!.reason);
    signal?.addEventListener("abort", abort);
    const disarm = left === Infinity ? undefined : this.#owner.clock.setTimer(left - mercy(left), () => {
      controller.abort(outOfTime());
    });
    this.#undo = () => {
      signal?.removeEventListener("abort", abort);
      disarm?.();
    };
    this.#owner.add(this);
    return controller;
  }
}

function outOfTime(): Error {
  return namedError("TimeoutError", "The invocation has no more time: its host's deadline is near");
}
