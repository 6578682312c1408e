/**
 * Uncaught exceptions and unhandled rejections.
 * @module
 */
import type { ProcessLike } from "./process_like.ts";

/** Which uncaught errors are handled. */
export interface UncaughtOptions {
  /** Uncaught exceptions. Default false. */
  readonly exception?: boolean;
  /** Unhandled rejections. Default false. */
  readonly rejection?: boolean;
}

/** An uncaught error. */
export interface UncaughtError {
  readonly kind: "exception" | "rejection";
  readonly error: unknown;
}

/**
 * Calls `found` with each uncaught error of the chosen kinds, only once if the runtime reports it as both kinds. The process
 * goes on. Returns the undo.
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
    // Node and Deno report an unhandled rejection as an exception if it has no listener of its own.
    if (origin !== "unhandledRejection") tell("exception", error);
    else if (rejection) tell("rejection", error);
    else if (process.listeners("uncaughtException").length === 1) raise(error);
  };
  /** Throws a rejection again without our listener, so that the runtime ends the process. */
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
