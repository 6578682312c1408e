/**
 * Why an invocation cannot be served.
 * @module
 */

const NAME = "NotReadyError";

/** What a `NotReadyError` is about. */
export interface NotReadyDetails {
  /** What there is instead of a bus that runs. */
  readonly kind: "failed" | "late" | "ended";
  /** Milliseconds after which it is worth another try; undefined where it never is. */
  readonly retryAfterMs?: number;
  /** What the start failed with. */
  readonly cause?: unknown;
}

/**
 * The bus does not run, so that the invocation was not begun. Hosts of requests answer it by 503; others pass it
 * on, so that their queue tries again. Told by its `name`, since two copies of the package may meet.
 */
export class NotReadyError extends Error {
  /** "NotReadyError". */
  override readonly name: string = NAME;
  /**
   * `failed`: the start has, and is tried again after `retryAfterMs`; `late`: it is not done within `startWithin`;
   * `ended`: the bus has exited, or is about to.
   */
  readonly kind: "failed" | "late" | "ended";
  /** Milliseconds after which it is worth another try; undefined where it never is. */
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
