/**
 * One invocation: what its host tells of it, and what its body gets.
 * @module
 */
import { type Controller, namedError, type Signal, web } from "../../src/internal.ts";
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
   * Aborts when nobody waits for the answer any more, and, until the body and the work that it goes on with are over,
   * shortly before the host's deadline, and when the bus drains and its time is over. Made when it is first read.
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

/** Milliseconds until the host cuts the invocation; `Infinity` where it tells no deadline. */
function leftOf({ deadline = Infinity }: Invocation, clock: Clock): number {
  // One that is no number is none.
  return deadline < Infinity ? Math.max(0, deadline - clock.time()) : Infinity;
}

/** The same until it should be told to end: shortly before, as the phases of a bus have it. */
export function usableMs(invocation: Invocation, clock: Clock): number {
  const left = leftOf(invocation, clock);
  return left - Math.min(250, left / 10);
}

/** The context of one invocation. It costs one small object; the rest is made when it is asked for. */
export class Context implements InvocationContext {
  readonly invocation: Invocation;
  /** How much of it is not over: its body, and what it goes on with. */
  pending = 1;
  /** Work that the answer waits for. */
  works: Promise<unknown>[] | undefined;
  readonly #owner: ContextOwner;
  #watch: Watch | undefined;

  constructor(owner: ContextOwner, invocation: Invocation) {
    this.#owner = owner;
    this.invocation = invocation;
  }

  get signal(): Signal {
    if (!this.#watch) {
      this.#watch = watch(this.#owner.clock, this.invocation);
      // An answer that is still streamed may ask for it when all else is over.
      if (this.pending === 0) this.close();
      else this.#owner.add(this);
    }
    return this.#watch.controller.signal;
  }

  /** Whether somebody has its signal. */
  get isWatched(): boolean {
    return this.#watch !== undefined;
  }

  left(): number {
    return leftOf(this.invocation, this.#owner.clock);
  }

  waitUntil(work: Promise<unknown>): void {
    this.#owner.after(this, work);
  }

  /** Aborts the signal, where somebody has it. */
  abort(reason: unknown): void {
    this.#watch?.controller.abort(reason);
  }

  /** Lets go of the timer: the invocation is over. */
  close(): void {
    this.#watch?.disarm?.();
  }
}

/** A signal, and what it watches. */
interface Watch {
  readonly controller: Controller;
  readonly disarm: (() => void) | undefined;
}

/** Makes a signal that aborts with the host's, and shortly before its deadline. */
function watch(clock: Clock, invocation: Invocation): Watch {
  const { signal } = invocation;
  const usable = usableMs(invocation, clock);
  const controller = new web.AbortController();
  const abort = () => controller.abort(signal!.reason);
  const expire = () =>
    controller.abort(
      namedError("TimeoutError", "The invocation has no more time: its host's deadline is near"),
    );
  if (signal?.aborted) abort();
  else signal?.addEventListener("abort", abort);
  if (usable <= 0) expire();
  return { controller, disarm: usable === Infinity ? undefined : clock.setTimer(usable, expire) };
}
