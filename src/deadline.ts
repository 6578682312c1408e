/**
 * The one mechanism behind deadlines, notices, force and abort: an end that may move, a signal that aborts
 * shortly before it, and one timer for all who wait.
 * @module
 */
import { type Controller, type Signal, web } from "./_web.ts";
import type { Clock } from "./platform.ts";

/** An error told by its name alone: `AbortError` where a request ended something, `TimeoutError` where time did. */
export function namedError(name: "AbortError" | "TimeoutError", message: string, cause?: unknown): Error {
  const error = new Error(message, cause === undefined ? undefined : { cause });
  error.name = name;
  return error;
}

/** Milliseconds between the abort of the signal and the end, so that a listener can cut and still settle. */
function mercy(ms: number): number {
  return Math.min(250, ms / 10);
}

/** What is waited for within a deadline, and is left behind at its end. */
export interface Waiting {
  readonly deadline: Deadline | undefined;
  readonly late: boolean;
  leave(): void;
}

const NOBODY: readonly Waiting[] = [];

/** Out of time nothing is awaited, but what has settled already is not called late. */
function leave(call: Waiting): void {
  void Promise.resolve().then().then(() => call.leave());
}

/** A span of time that work is done in. Its timer is armed only while something is waited for. */
export class Deadline {
  #aborted: "request" | "time" | undefined;
  /** Whether the end is past: who still works is late. */
  over = false;
  readonly #clock: Clock;
  readonly #what: string;
  /** The instant of its beginning, by the clock. */
  readonly start: number;
  #end: number;
  #most: number;
  #reason: unknown;
  #controller: Controller | undefined;
  #disarm: (() => void) | undefined;
  #armedFor = Infinity;
  /** Who is waited for, here and in the children, among others; and of a child the one call that it has. */
  #among: Iterable<Waiting> = NOBODY;
  #only: Waiting | undefined;
  readonly #parent: Deadline | undefined;

  constructor(clock: Clock, what: string, ms: number, atMost: number, parent?: Deadline) {
    this.#clock = clock;
    this.#what = what;
    this.start = clock.now();
    this.#end = this.start + ms;
    this.#most = this.start + Math.max(ms, atMost);
    this.#parent = parent;
    this.#follow();
    if (ms <= 0 && !this.over) this.#tick();
  }

  /** Aborts on a request, and shortly before the end. */
  get signal(): Signal {
    this.#follow();
    if (!this.#controller) {
      this.#controller = new web.AbortController();
      if (this.#aborted) this.#controller.abort(this.#reason);
    }
    return this.#controller.signal;
  }

  /** What ended the work before its time: a request, or the clock. */
  get aborted(): "request" | "time" | undefined {
    this.#follow();
    return this.#aborted;
  }

  /** What the signal aborted with. */
  get reason(): unknown {
    return this.#reason;
  }

  /** The instant of the end, by the clock. */
  get end(): number {
    return Math.min(this.#end, this.#parent?.end ?? Infinity);
  }

  /** Milliseconds until the end. */
  left(): number {
    return this.over ? 0 : Math.max(0, this.end - this.#clock.now());
  }

  /** Moves the end by up to `ms`; returns the milliseconds granted. */
  extend(ms: number): number {
    if (this.over) return 0;
    const end = Math.max(this.#end, Math.min(this.#end + ms, this.#most));
    const granted = end - this.#end;
    this.#end = end;
    return granted;
  }

  /** Sets an end that nothing extends; a later one than there is changes nothing but that. */
  tighten(end: number): void {
    this.#most = Math.min(this.#most, Math.max(end, this.#clock.now()));
    if (this.#most >= this.#end) return;
    this.#end = this.#most;
    this.#tick();
  }

  /** Aborts the signal and goes on waiting. */
  abort(reason: unknown, by: "request" | "time"): void {
    if (this.#aborted) return;
    this.#aborted = by;
    this.#reason = reason;
    this.#controller?.abort(reason);
    for (const { deadline } of this.#calls()) deadline.abort(reason, by);
  }

  /** A shorter span for one listener, which ends with this one and shares its timer. */
  child(what: string, ms: number): Deadline {
    return new Deadline(this.#clock, what, ms, ms, this);
  }

  /** Waits for a call as long as it is among these; at the end it is left. */
  wait(call: Waiting, among: Iterable<Waiting>): void {
    this.#follow();
    if (this.over) return leave(call);
    const root = this.#parent ?? this;
    root.#among = among;
    if (root !== this) this.#only = call;
    // What moves the end arms anew; a timer that comes too early looks again.
    const due = this.#due;
    if (!root.#disarm || root.#armedFor > due) root.#arm(Math.min(due, root.#due));
  }

  /** Ends all waiting now, whatever the time is. */
  finish(): void {
    this.over = true;
    for (const { call, deadline } of this.#calls()) {
      if (deadline === this) leave(call);
      else deadline.finish();
    }
    this.close();
  }

  /** Lets go of the timer: the work is done. */
  close(): void {
    this.#disarm?.();
    this.#disarm = undefined;
    this.#armedFor = Infinity;
  }

  /** The next instant at which something is due here. */
  get #due(): number {
    return this.#aborted ? this.#end : this.#end - mercy(this.#end - this.start);
  }

  #arm(due: number): void {
    if (due >= this.#armedFor || due === Infinity || this.over) return;
    this.#disarm?.();
    this.#armedFor = due;
    this.#disarm = this.#clock.setTimer(Math.max(0, due - this.#clock.now()), () => this.#tick(true));
  }

  #tick(fromTimer = false): void {
    const now = this.#clock.now();
    const ms = this.#end - this.start;
    const aborts = !this.#aborted && now >= this.#end - mercy(ms);
    if (aborts) {
      this.abort(
        namedError("TimeoutError", `${this.#what} has no more time after ${Math.round(ms)} ms`),
        "time",
      );
    }
    // Where the thread was busy past the end, who heeds the signal still has a turn to settle.
    if (now >= this.#end && !(fromTimer && aborts)) return this.finish();
    if (this.#parent) return;
    for (const { deadline } of this.#calls()) if (deadline !== this) deadline.#tick(fromTimer);
    this.close();
    for (const { deadline } of this.#calls()) {
      if (!deadline.over) this.#arm(Math.min(deadline.#due, this.#due));
    }
  }

  /** Those that are waited for here, and in the children, each of which has one. */
  #calls(): { readonly call: Waiting; readonly deadline: Deadline }[] {
    return [...this.#only ? [this.#only] : this.#among].flatMap((call) => {
      const { deadline, late } = call;
      return deadline && !late && (deadline === this || deadline.#parent === this)
        ? [{ call, deadline }]
        : [];
    });
  }

  /** Has come to what its parent has come to. */
  #follow(): void {
    const parent = this.#parent;
    if (parent?.aborted) this.abort(parent.#reason, parent.aborted);
    if (parent?.over) this.over = true;
  }
}
