/**
 * Errors that nobody caught.
 * @module
 */
import type { ProcessLike } from "./process_like.ts";

/** What of them is taken. */
export interface UncaughtOptions {
  /** Uncaught exceptions. Default false. */
  readonly exception?: boolean;
  /** Unhandled rejections. Default false. */
  readonly rejection?: boolean;
}

/** One of them. */
export interface UncaughtError {
  readonly kind: "exception" | "rejection";
  readonly error: unknown;
}

/**
 * Tells `found` of each uncaught exception and unhandled rejection that is to be taken, once where a runtime reports it as
 * both; the process goes on. Returns its undo.
 */
export function uncaughtErrors(
  process: ProcessLike,
  { exception = false, rejection = false }: UncaughtOptions,
  found: (one: UncaughtError) => void,
): () => void {
  const seen = new WeakSet<object>();
  const tell = (kind: UncaughtError["kind"], error: unknown) => {
    if (typeof error === "object" && error !== null) {
      if (seen.has(error)) return;
      seen.add(error);
    }
    found({ kind, error });
  };
  const onRejection = (error: unknown) => tell("rejection", error);
  const onException = (error: unknown, origin: unknown) => {
    // Node and Deno raise an unhandled rejection as an exception where nobody listens for it.
    if (origin !== "unhandledRejection") tell("exception", error);
    else if (rejection) tell("rejection", error);
    else if (process.listeners("uncaughtException").length === 1) raise(error);
  };
  /** Leaves a rejection to the runtime, which ends the process by it: nobody else listens. */
  const raise = (error: unknown) => {
    process.off("uncaughtException", onException);
    queueMicrotask(() => {
      throw error;
    });
  };
  if (exception) process.on("uncaughtException", onException);
  if (rejection) process.on("unhandledRejection", onRejection);
  return () => {
    process.off("uncaughtException", onException);
    process.off("unhandledRejection", onRejection);
  };
}
