/**
 * The phase that listeners of a state get, the reason of a request, and the one check that every request passes.
 * @module
 */
import type { Signal } from "./_web.ts";
import { checkCode, isCode, show } from "./check.ts";
import { textOf } from "./errors.ts";
import { SIGNALED } from "./exit_codes.ts";
import type { Log } from "./records.ts";
import { type Goal, GOALS, type State } from "./states.ts";

/** Why a request was made. Only a second `signal` forces; a shorter `leftMs` tightens the deadlines at any time. */
export interface Reason {
  /** The origin of the request: the program, a signal of the operating system, the host, or a failure. */
  readonly by: "call" | "signal" | "host" | "error";
  /** The signal's or the host event's name, such as `"SIGTERM"`. */
  readonly name?: string;
  /** The runtime's own name of the signal, where that is another one, such as `"SIGINT"` for CTRL_C. */
  readonly calledAs?: string;
  /** The signal's number; a forced exit has the code 128 plus this number. */
  readonly number?: number;
  /** Milliseconds until the host ends the process: a notice. */
  readonly leftMs?: number;
  /** The exit code asked for, an integer from 0 to 255. */
  readonly code?: number;
  /** The error, where `by` is `"error"`. */
  readonly error?: unknown;
}

/** The details that `request` takes beside the goal. */
export interface RequestDetails {
  /** The exit code asked for, an integer from 0 to 255. */
  readonly code?: number;
  /** The error that is the reason. */
  readonly error?: unknown;
}

/** The phase that a listener of a state gets. It holds no bus, so that a guest may have it. */
export interface Phase {
  /** The state entered. */
  readonly state: State;
  /** The state left. */
  readonly from: State;
  /** Why the bus is on its way. */
  readonly reason: Reason;
  /** Aborts when a stronger request ends this phase, and shortly before the deadline: time to cut and settle. */
  readonly signal: Signal;
  /** Milliseconds until the bus goes on without this listener. */
  left(): number;
  /** Asks for `ms` more for this phase; returns the milliseconds granted: never past the phase's `atMost`, nor past a notice. */
  extend(ms: number): number;
  /** Resolves after `ms` of the bus's clock; rejects with the signal's reason when the signal aborts. */
  delay(ms: number): Promise<void>;
  /** Asks and does not wait: the way to ask from inside a phase. A guest needs the right. */
  request(goal: Goal, details?: RequestDetails): void;
  /** Publishes a record on `log`, as `bus.log` does; a guest's in its own name. */
  log: Log;
}

/** The channel of each state, with what its listeners get. */
export type StateChannels = { [S in Exclude<State, "initial">]: [phase: Phase] };

/** The reload that a `reload` listener gets. The listener prepares, and throws to veto. */
export interface Reload {
  /** The generation that this reload makes, where it is not vetoed: 1, 2, … */
  readonly generation: number;
  /** The details that the latest `reload(details)` was given. */
  readonly details: unknown;
  /** Aborts when a stronger request overtakes the reload, and shortly before its deadline. */
  readonly signal: Signal;
}

/** The second step of a reload, which a `reload` listener may return. */
export interface Prepared {
  /** Makes the change. A failing one is reported, the others still run. */
  commit(): unknown;
  /** Undoes the preparation, where another listener vetoed. */
  rollback?(): unknown;
}

/**
 * Makes the reason of a request from inside: of the details, no more is taken than is documented.
 * @throws {TypeError} If the goal or the details are none.
 * @throws {RangeError} If the code is no exit code.
 */
export function checkRequest(goal: Goal, details: RequestDetails | undefined): Reason {
  const action = `Cannot request ${show(goal)}`;
  if (!GOALS.includes(goal)) throw new TypeError(`${action}: expected one of ${GOALS.join(", ")}`);
  if (details !== undefined && (typeof details !== "object" || details === null)) {
    throw new TypeError(`${action}: the details are ${show(details)}, expected an object`);
  }
  const { code, error } = details ?? {};
  if (code !== undefined) checkCode(action, code);
  return {
    by: error === undefined ? "call" : "error",
    ...code !== undefined && { code },
    ...error !== undefined && { error },
  };
}

const BY: readonly unknown[] = ["call", "signal", "host", "error"];

/**
 * Looks at the reason of a request from a platform, which nothing may stop: a field that is none is left out,
 * and named in `wrong`.
 */
export function readReason(given: Reason): { readonly reason: Reason; readonly wrong: readonly string[] } {
  const wrong: string[] = [];
  const reason: { -readonly [F in keyof Reason]?: unknown } = {};
  const read = (field: keyof Reason): unknown => {
    try {
      return given?.[field];
    } catch (error) {
      wrong.push(`"${field}" cannot be read: ${textOf(error)}`);
      return undefined;
    }
  };
  const take = (field: keyof Reason, isRight: (value: unknown) => boolean, expected: string) => {
    const value = read(field);
    if (isRight(value)) reason[field] = value;
    else if (value !== undefined || field === "by") {
      wrong.push(`"${field}" is ${show(value)}, expected ${expected}`);
    }
  };
  const isText = (value: unknown) => typeof value === "string";
  take("by", (by) => BY.includes(by), `one of ${BY.join(", ")}`);
  take("name", isText, "a string");
  take("calledAs", isText, "a string");
  take("number", (number) => isCode(number) && number > 0 && isCode(SIGNALED + number), "a signal's number");
  take("leftMs", (ms) => typeof ms === "number" && !Number.isNaN(ms), "milliseconds");
  take("code", isCode, "an integer from 0 to 255");
  const error = read("error");
  if (error !== undefined) reason.error = error;
  reason.by ??= "host";
  return { reason: reason as unknown as Reason, wrong };
}
