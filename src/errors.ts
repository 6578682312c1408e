/**
 * The errors that a caller may catch. Two copies of the package may meet in one process, so tell them by
 * `name`, not by `instanceof`.
 * @module
 */
import type { State } from "./states.ts";

/** One listener that failed, and how. */
export interface Failure {
  /** The channel it was subscribed to. */
  readonly channel: string;
  /** Its name: given at `subscribe`, else the function's own. */
  readonly listener: string;
  /** `throw`: it threw or rejected; `timeout`: it missed its deadline; `abort`: a request or a dead driver ended it. */
  readonly kind: "throw" | "timeout" | "abort";
  /** Milliseconds from its call to its failure. */
  readonly ms: number;
  /** The error that it threw, or an error that names the missed deadline. */
  readonly error: unknown;
}

/** All failures of one publish, or of one whole transition: `errors[i]` is `failures[i].error`. */
export class ChannelFailures extends AggregateError {
  /** Tells the error from others, across copies of the package. */
  override readonly name = "ChannelFailures";
  /** Which listener failed on which channel, in the order of the failures. */
  readonly failures: readonly Failure[];

  /** Makes one error of them all. */
  constructor(failures: readonly Failure[]) {
    const text = failures.map((f) => `${f.listener} (${f.channel}) ${said(f)}`).join("; ");
    super(failures.map((f) => f.error), `Cannot complete ${failures.length} of the listeners: ${text}`);
    this.failures = Object.freeze(failures.map((failure) => Object.freeze({ ...failure })));
  }
}

/** A state that was asked for and cannot be reached. */
export class TransitionError extends Error {
  /** Tells the error from others, across copies of the package. */
  override readonly name = "TransitionError";
  /**
   * `unknown`: no such state; `unreachable`: not from here; `superseded`: a stronger request came between;
   * `reentrant`: asked from inside the phase that it would wait for; `exited`: the bus is at its end.
   */
  readonly kind: "unknown" | "unreachable" | "superseded" | "reentrant" | "exited";
  /** Where the bus stood. */
  readonly state: State;
  /** The goal that was asked for. */
  readonly target: string;

  /** Makes the error that `target` cannot be reached from `state`. */
  constructor(kind: TransitionError["kind"], state: State, target: string, why: string) {
    super(`Cannot reach "${target}": ${why}`);
    this.kind = kind;
    this.state = state;
    this.target = target;
  }
}

/** A platform that cannot do what was needed of it. */
export class TraitError extends Error {
  /** Tells the error from others, across copies of the package. */
  override readonly name = "TraitError";
  /** The trait, or the platform's method, that does not suffice. */
  readonly field: string;
  /** The needed value. */
  readonly needed: unknown;
  /** The value that the platform has. */
  readonly found: unknown;

  /** Makes the error that `field` does not suffice. */
  constructor(field: string, needed: unknown, found: unknown, message: string) {
    super(message);
    this.field = field;
    this.needed = needed;
    this.found = found;
  }
}

/** A guest asked for what it has no right to. */
export class RightError extends Error {
  /** Tells the error from others, across copies of the package. */
  override readonly name = "RightError";
  /** The guest's name. */
  readonly guest: string;
  /** The right it lacks. */
  readonly right: string;

  /** Makes the error that `guest` lacks `right`. */
  constructor(guest: string, right: string) {
    super(`Cannot use the right "${right}": the guest "${guest}" was not given it`);
    this.guest = guest;
    this.right = right;
  }
}

/** Makes an error that is told by its name: `AbortError` where a request ended something, `TimeoutError` where time did. */
export function namedError(name: "AbortError" | "TimeoutError", message: string, cause?: unknown): Error {
  const error = new Error(message, cause === undefined ? undefined : { cause });
  error.name = name;
  return error;
}

/** Makes a failure of the bus's own code. */
export function ownFailure(channel: string, error: unknown): Failure {
  return { channel, listener: "the bus itself", kind: "throw", ms: 0, error };
}

/** The text of anything thrown. Never throws, whatever the value's getters do. */
export function textOf(error: unknown): string {
  try {
    return String(error instanceof Error ? error.message || error.name : error);
  } catch {
    return "an error that cannot be printed";
  }
}

function said(failure: Failure): string {
  const ms = Math.round(failure.ms);
  return failure.kind === "timeout"
    ? `timed out after ${ms} ms`
    : `failed after ${ms} ms: ${textOf(failure.error)}`;
}
