/**
 * Why an invocation cannot be served.
 * @module
 */

const NAME = "NotReadyError";

/** The details of a `NotReadyError`. */
export interface NotReadyDetails {
  /** Why the bus does not run. */
  readonly kind: "failed" | "late" | "ended";
  /** Milliseconds after which another try makes sense; undefined where it never does. */
  readonly retryAfterMs?: number;
  /** The error of the start. */
  readonly cause?: unknown;
}

/**
 * The bus does not run, so the body of the invocation was not called. Hosts of requests answer by 503; others pass the
 * error on, so that their queue tries again. Tell it by its `name`, since two copies of the package may meet.
 */
export class NotReadyError extends Error {
  /** "NotReadyError". */
  override readonly name: string = NAME;
  /**
   * `failed`: the start has failed, and is tried again after `retryAfterMs`; `late`: it is not done within `startWithin`;
   * `ended`: the bus has exited, or is about to.
   */
  readonly kind: "failed" | "late" | "ended";
  /** Milliseconds after which another try makes sense; undefined where it never does. */
  readonly retryAfterMs: number | undefined;

  /** Makes the error. */
  constructor(message: string, details: NotReadyDetails) {
    super(message, "cause" in details ? { cause: details.cause } : undefined);
    this.kind = details.kind;
    this.retryAfterMs = details.retryAfterMs;
  }
}

/** Whether an invocation was refused because its bus does not run, whichever copy of the package says so. */
export function isNotReady(error: unknown): error is NotReadyError {
  return error instanceof Error && error.name === NAME;
}
