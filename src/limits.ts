/**
 * How long each state may take: its deadline, what a notice leaves of it, and what the end of the bus leaves.
 * @module
 */
import { checkKeys, checkMs } from "./check.ts";
import type { Core } from "./core.ts";
import type { LimitOptions, Platform, Traits } from "./platform.ts";
import type { State } from "./states.ts";

/** The deadlines in milliseconds; `settle` is that of every state not named. */
const DEADLINES = {
  enter: 30_000,
  start: 30_000,
  drain: 10_000,
  stop: 10_000,
  exit: 5_000,
  reload: 30_000,
  settle: 5_000,
};

/** A state, or another action, that has a deadline. */
export type Timed = keyof typeof DEADLINES;

const TIMED = Object.keys(DEADLINES) as Timed[];

/** The states that keep their own deadlines once the end was asked for. */
const ENDING: readonly string[] = ["drain", "stop", "exit"];

/** The deadlines of one bus, and the notice it was given. */
export class Limits {
  readonly #deadlines: Readonly<Record<string, number>>;
  readonly #atMost: Readonly<Record<string, number>>;
  /** The instants by which the bus must be through with `drain`, with `stop`, and at its end. */
  #notice = { drain: Infinity, stop: Infinity, end: Infinity };
  /** Once the end was asked for: what is left for all that is not `drain`, `stop` or `exit`, and since when it is used. */
  #allowance = Infinity;
  #usedSince: number | undefined = undefined;
  #hasWarned = false;

  constructor(options: LimitOptions, { defaults }: Platform) {
    const merge = (field: "deadlines" | "atMost", known: readonly string[]) => {
      const given = { ...defaults?.[field], ...options[field] };
      checkKeys(`Cannot use "${field}"`, options[field], known);
      checkKeys(`Cannot use the platform's "${field}"`, defaults?.[field], known);
      for (const [name, ms] of Object.entries(given)) checkMs(`Cannot use "${field}"`, name, ms);
      return given as Record<string, number>;
    };
    this.#deadlines = { ...DEADLINES, ...merge("deadlines", TIMED) };
    this.#atMost = merge("atMost", TIMED.slice(0, 5));
  }

  /** The deadline of a state or of a reload, in milliseconds. */
  of(what: State | Timed): number {
    return this.#deadlines[what] ?? this.#deadlines["settle"]!;
  }

  /**
   * The milliseconds for something that begins now. Once the end was asked for, only three states have a time of
   * their own; an errand, which is done while the bus rests, has none.
   */
  begin(what: State | Timed, now: number, isErrand: boolean): number {
    if (this.#allowance === Infinity || !isErrand && ENDING.includes(what)) return this.of(what);
    // An errand may have several parts, one after another, and they share the time.
    this.ended(now);
    this.#usedSince = now;
    return Math.min(this.of(what), this.#allowance);
  }

  /** The action that `begin` timed has ended. */
  ended(now: number): void {
    if (this.#usedSince === undefined) return;
    this.#allowance = Math.max(0, this.#allowance - (now - this.#usedSince));
    this.#usedSince = undefined;
  }

  /**
   * The end was asked for: all that is not `drain`, `stop` or `exit` shares the time of `settle` from now on. Returns
   * the instant by which what is under way, `state` or an errand, must have ended.
   */
  endAsked(state: State, now: number, isErrand: boolean): number {
    if (this.#allowance !== Infinity) return Infinity;
    this.#allowance = this.of("settle");
    if (!isErrand && ENDING.includes(state)) return Infinity;
    this.#usedSince = now;
    return now + this.#allowance;
  }

  /** Says once where the host leaves less time than the deadlines of the stop add up to. */
  warn(core: Core, { notice }: Traits): void {
    const ms = this.of("drain") + this.of("stop") + this.of("exit");
    if (this.#hasWarned || notice === "none" || ms <= notice.graceMs) return;
    this.#hasWarned = true;
    const { graceMs } = notice;
    const message =
      `The deadlines of drain, stop and exit add up to ${ms} ms, and the host leaves ${graceMs} ms`;
    core.log(message, { level: "warn", event: "grace", ms, graceMs });
  }

  /** The most that a state's deadline may be extended to, in milliseconds. */
  atMost(state: State): number {
    return this.#atMost[state] ?? 2 * this.of(state);
  }

  /** The instant that a notice leaves to a state; Infinity without one. */
  noticed(state: State): number {
    const { drain, stop, end } = this.#notice;
    return /^exit/.test(state) ? end : /^(stop|idle)/.test(state) ? stop : drain;
  }

  /** The milliseconds that the notice leaves until the end of the process. */
  left(now: number): number {
    return Math.max(0, this.#notice.end - now);
  }

  /**
   * Takes a notice: `exit`, which flushes, gets the last fifth of it at most, `stop` half of the rest, and
   * what comes before has what is left. A notice only shortens: false where there was a shorter one.
   */
  shorten(now: number, leftMs: number): boolean {
    const end = now + leftMs;
    if (end >= this.#notice.end) return false;
    const share = shareNotice(leftMs, { stop: this.of("stop"), exit: this.of("exit") });
    const stop = end - share.exit;
    this.#notice = { drain: stop - share.stop, stop, end };
    return true;
  }
}

/** The time of a notice in milliseconds, shared out: a fifth for `exit`, half of the rest for `stop`, what is left for `drain`. */
export function shareNotice(
  leftMs: number,
  most: { readonly stop: number; readonly exit: number } = DEADLINES,
): { readonly drain: number; readonly stop: number; readonly exit: number } {
  const exit = Math.min(most.exit, leftMs / 5);
  const stop = Math.min(most.stop, (leftMs - exit) / 2);
  return { drain: leftMs - exit - stop, stop, exit };
}
