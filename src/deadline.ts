/**
 * The one mechanism behind deadlines, notices, force and abort: an end that may move, a signal that aborts
 * shortly before the end, and one timer for a deadline and all its parts.
 * @module
 */
import { type Controller, type Signal, web } from "./_web.ts";
import { namedError, textOf } from "./errors.ts";
import type { Clock } from "./platform.ts";

/** The cause that ended the work before its time: a request, or the clock. */
export type AbortedBy = "request" | "time";

/** How a deadline is made, beside its length. */
export interface DeadlineOptions {
  /** The most milliseconds that `extend` may reach, from the beginning. Default: no more than it has. */
  readonly atMost?: number;
  /** The deadline that it is a part of: it ends with that one at the latest, and shares its timer. */
  readonly whole?: Deadline;
  /** The most milliseconds that are given back for time during which the process was frozen. Default 0. */
  readonly forgives?: number;
}

/** The longest time between the abort of the signal and the end: time to cut and still settle. */
const MERCY_MS = 250;
/** A timer that fires later than this shows that the process was frozen. */
const FROZEN_MS = 1_000;

/** A span of time that work is done in. */
export class Deadline {
  /** The cause that ended the work before its time; undefined while the work goes on. */
  aborted: AbortedBy | undefined = undefined;
  /** The reason of the signal's abort. */
  reason: unknown = undefined;
  /** Whether the end has passed: a call that has not settled is late. */
  over = false;
  /** The instant of the beginning, by the clock. */
  readonly start: number;
  /** Called once at the end. */
  onOver: (() => void) | undefined = undefined;
  readonly #clock: Clock;
  readonly #name: string;
  readonly #whole: Deadline | undefined;
  #parts: Set<Deadline> | undefined = undefined;
  #end: number;
  /** The latest instant that `extend` may reach, and the one that nothing may pass: that of a notice. */
  #latest: number;
  #limit = Infinity;
  #forgives: number;
  #controller: Controller | undefined = undefined;
  #disarm: (() => void) | undefined = undefined;
  #armedFor = Infinity;
  #watched = false;

  constructor(clock: Clock, name: string, ms: number, options?: DeadlineOptions) {
    const { atMost = ms, whole, forgives = 0 } = options ?? {};
    this.#clock = clock;
    this.#name = name;
    this.start = clock.now();
    this.#end = this.start + ms;
    this.#latest = this.start + Math.max(ms, atMost);
    this.#whole = whole;
    this.#forgives = forgives;
    if (whole) {
      (whole.#parts ??= new Set()).add(this);
      if (whole.aborted) this.abort(whole.reason, whole.aborted);
      this.over = whole.over;
    }
    if (ms <= 0 && !this.over) this.#tick(false);
  }

  /** Aborts on a request, and shortly before the end. */
  get signal(): Signal {
    if (!this.#controller) {
      this.#controller = new web.AbortController();
      if (this.aborted) abortWith(this.#controller, this.reason);
    }
    return this.#controller.signal;
  }

  /** The instant of the end, by the clock. */
  get end(): number {
    return this.#whole ? Math.min(this.#end, this.#whole.end) : this.#end;
  }

  /** Milliseconds until the end. */
  left(): number {
    return this.over ? 0 : Math.max(0, this.end - this.#clock.now());
  }

  /** Moves the end by up to `ms`; returns the milliseconds granted. */
  extend(ms: number): number {
    if (this.over) return 0;
    const before = this.#end;
    this.#end = Math.max(before, Math.min(before + ms, this.#latest));
    return this.#end - before;
  }

  /** Moves the end to `end` where that is sooner; nothing extends it from then on. */
  tighten(end: number): void {
    const now = this.#clock.now();
    this.#latest = Math.min(this.#latest, Math.max(end, now));
    // Where the timer is late and the end has passed unnoticed, there may be nothing to shorten.
    if (this.#latest >= this.#end && end > now) return;
    this.#end = Math.min(this.#end, this.#latest);
    this.#tick(false);
  }

  /** The same, for a notice: not even frozen time moves the end past it. */
  limit(end: number): void {
    this.#limit = Math.min(this.#limit, end);
    this.tighten(end);
  }

  /** Aborts the signal; the work is still waited for until the end. */
  abort(reason: unknown, by: AbortedBy): void {
    if (this.aborted) return;
    this.aborted = by;
    this.reason = reason;
    if (this.#controller) abortWith(this.#controller, reason);
    this.#parts?.forEach((part) => part.abort(reason, by));
  }

  /** Sets the timer: from now on there is a call to wait for. */
  watch(): void {
    const root = this.#whole ?? this;
    root.#watched = true;
    if (root !== this || root.#armedFor === Infinity) root.#arm(Math.min(this.#due, root.#due));
  }

  /** Ends all waiting now. */
  finish(): void {
    this.over = true;
    this.#parts?.forEach((part) => part.finish());
    this.close();
    this.onOver?.();
  }

  /** Lets go of the timer: nothing is waited for any more. */
  close(): void {
    this.#watched = false;
    this.#disarm?.();
    this.#disarm = undefined;
    this.#armedFor = Infinity;
    const siblings = this.#whole && this.#whole.#parts;
    siblings?.delete(this);
  }

  /** The next instant at which something is due here: the abort of the signal, or the end. */
  get #due(): number {
    return this.aborted ? this.#end : this.#end - this.#mercy;
  }

  get #mercy(): number {
    return Math.min(MERCY_MS, (this.#end - this.start) / 10);
  }

  #arm(due: number): void {
    if (due >= this.#armedFor || this.over) return;
    this.#disarm?.();
    this.#armedFor = due;
    this.#disarm = this.#clock.setTimer(Math.max(0, due - this.#clock.now()), () => {
      try {
        const late = this.#clock.now() - due;
        if (late > FROZEN_MS) this.#forgive(late);
        this.#tick(true);
      } catch {
        // The clock has failed: nothing is timed any more.
        this.finish();
      }
    });
  }

  /** Gives back time during which the process was frozen. */
  #forgive(ms: number): void {
    const room = this.#limit === Infinity ? Infinity : this.#limit - this.#end;
    const given = Math.max(0, Math.min(ms, this.#forgives, room));
    this.#forgives -= given;
    this.#move(given);
  }

  #move(ms: number): void {
    this.#end += ms;
    this.#latest += ms;
    this.#parts?.forEach((part) => part.#move(ms));
  }

  #tick(fromTimer: boolean): void {
    const now = this.#clock.now();
    const aborts = !this.aborted && now >= this.#end - this.#mercy;
    if (aborts) {
      const ms = Math.round(this.#end - this.start);
      this.abort(namedError("TimeoutError", `${this.#name} has no more time after ${ms} ms`), "time");
    }
    // Where the thread was busy past the end, a listener that heeds the signal still has a turn to settle.
    if (now >= this.#end && !(fromTimer && aborts)) return this.finish();
    this.#parts?.forEach((part) => part.#tick(fromTimer));
    if (!this.#watched) return;
    this.#disarm?.();
    this.#armedFor = Infinity;
    let due = this.#due;
    this.#parts?.forEach((part) => due = Math.min(due, part.#due));
    this.#arm(due);
  }
}

/** workerd looks at the reason, which may be anything that a listener has thrown. */
function abortWith(controller: Controller, reason: unknown): void {
  try {
    controller.abort(reason);
  } catch {
    controller.abort(namedError("AbortError", textOf(reason)));
  }
}
