/**
 * One invocation: what the host tells of it, and what its body gets.
 * @module
 */
import { type Controller, namedError, type Signal, web } from "../../src/internal.ts";
import type { Clock } from "../../src/platform.ts";

/** One invocation as its host tells it; fields that the host does not know are absent. */
export interface Invocation {
  /** Its name, for messages. */
  readonly id?: string | undefined;
  /** The kind of its event, such as `"fetch"`, `"scheduled"` or `"queue"`, for messages. */
  readonly kind?: string | undefined;
  /** Aborts when nobody waits for the answer any more. */
  readonly signal?: Signal | undefined;
  /** When the host cuts the invocation, in milliseconds since 1970. */
  readonly deadline?: number | undefined;
  /** Keeps the invocation's context alive until the promise settles, where the host can. */
  waitUntil?(work: Promise<unknown>): void;
}

/** The context that the body of an invocation gets. */
export interface InvocationContext {
  /**
   * Aborts when nobody waits for the answer any more. While the body and its `waitUntil` work run, it also aborts shortly
   * before the host's deadline, and shortly before the time for `drain` is over. Made when it is first read.
   */
  readonly signal: Signal;
  /** Milliseconds until the host's deadline; `Infinity` where the host tells none. */
  left(): number;
  /**
   * Goes on with `work` after the answer, where the host can; elsewhere the answer waits for it. The work is in flight
   * until it settles: `drain` waits for it. A rejection is logged.
   * @throws {TypeError} If `work` is no promise.
   */
  waitUntil(work: Promise<unknown>): void;
}

/** The part of its gate that a context needs. */
export interface ContextOwner {
  readonly clock: Clock;
  /** Keeps the context among those whose signal aborts at the end of `drain`. */
  add(context: Context): void;
  /** Watches work that outlasts the answer. */
  after(context: Context, work: Promise<unknown>): void;
}

/** Milliseconds until the host cuts the invocation; `Infinity` where the host tells no deadline. */
function leftOf({ deadline = Infinity }: Invocation, clock: Clock): number {
  // NaN counts as no deadline.
  return deadline < Infinity ? Math.max(0, deadline - clock.time()) : Infinity;
}

/** Milliseconds until the signal aborts: a tenth of what is left, at most 250 ms, before the host cuts it. */
export function usableMs(invocation: Invocation, clock: Clock): number {
  const left = leftOf(invocation, clock);
  return left - Math.min(250, left / 10);
}

/** The context of one invocation: one small object; its signal is made when it is first read. */
export class Context implements InvocationContext {
  readonly invocation: Invocation;
  /** How many parts of the invocation have not ended: its body, and each work that it goes on with. */
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
      // An answer that is still being streamed may read the signal when everything else has ended.
      if (this.pending === 0) this.close();
      else this.#owner.add(this);
    }
    return this.#watch.controller.signal;
  }

  /** Whether somebody has read its signal. */
  get isWatched(): boolean {
    return this.#watch !== undefined;
  }

  left(): number {
    return leftOf(this.invocation, this.#owner.clock);
  }

  waitUntil(work: Promise<unknown>): void {
    this.#owner.after(this, work);
  }

  /** Aborts the signal, if somebody has read it. */
  abort(reason: unknown): void {
    this.#watch?.controller.abort(reason);
  }

  /** Removes the timer: the invocation has ended. */
  close(): void {
    this.#watch?.disarm?.();
  }
}

/** A signal, and the timer that aborts it. */
interface Watch {
  readonly controller: Controller;
  readonly disarm: (() => void) | undefined;
}

/** Makes a signal that aborts with the host's, and shortly before the host's deadline. */
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
