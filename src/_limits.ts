/**
 * How long each state may take: its deadline, and what a notice leaves of it.
 * @module
 */
import { checkKeys, checkMs } from "./check.ts";
import type { Platform, Traits } from "./platform.ts";
import type { ProcessBusOptions } from "./process_bus.ts";
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

/** Something that has a deadline. */
export type Timed = keyof typeof DEADLINES;

const TIMED = Object.keys(DEADLINES) as Timed[];

/** The deadlines of one bus, and the notice it was given. */
export class Limits {
  readonly #deadlines: Readonly<Record<Timed, number>>;
  readonly #atMost: ProcessBusOptions["atMost"];
  /** The instants by which the bus must be through with `drain`, with `stop`, and at its end. */
  #notice = { drain: Infinity, stop: Infinity, end: Infinity };

  constructor(options: Pick<ProcessBusOptions, "deadlines" | "atMost">, platform: Platform) {
    const merge = (field: "deadlines" | "atMost", known: readonly string[]) => {
      const given = { ...platform.defaults?.[field], ...options[field] };
      checkKeys(`Cannot use "${field}"`, options[field], known);
      checkKeys(`Cannot use the platform's "${field}"`, platform.defaults?.[field], known);
      for (const [name, ms] of Object.entries(given)) checkMs(`Cannot use "${field}"`, name, ms);
      return given;
    };
    this.#deadlines = { ...DEADLINES, ...merge("deadlines", TIMED) };
    this.#atMost = merge("atMost", TIMED.slice(0, 5));
  }

  /** The deadline of a state or of a reload, in milliseconds. */
  of(what: State | Timed): number {
    return this.#deadlines[what in DEADLINES ? what as Timed : "settle"];
  }

  /** What is to be said where the host leaves less time than the deadlines of the stop add up to. */
  warning({ notice }: Traits): string | undefined {
    const ms = this.of("drain") + this.of("stop") + this.of("exit");
    if (notice === "none" || ms <= notice.graceMs) return;
    return `The deadlines of drain, stop and exit add up to ${ms} ms, and the host leaves ${notice.graceMs} ms`;
  }

  /** The most that a state's deadline may be extended to, in milliseconds. */
  atMost(state: State): number {
    return this.#atMost?.[state as "stop"] ?? 2 * this.of(state);
  }

  /** The instant that a notice leaves to a state; Infinity without one. */
  end(state: State): number {
    if (state === "exit" || state === "exited" || state === "exit_error") return this.#notice.end;
    return this.#notice[state === "stop" || state === "stop_error" || state === "idle" ? "stop" : "drain"];
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
    const stop = end - Math.min(this.of("exit"), leftMs / 5);
    const drain = stop - Math.min(this.of("stop"), (stop - now) / 2);
    this.#notice = { drain, stop, end };
    return true;
  }
}
