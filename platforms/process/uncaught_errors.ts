/**
 * Errors that nobody caught.
 * @module
 */
import type { ProcessLike } from "./process_like.ts";

/**
 * Tells `found` of each uncaught error and unhandled rejection, once where a runtime reports it as both; the
 * process goes on. Returns its undo.
 */
export function uncaughtErrors(
  process: ProcessLike,
  found: (message: string, error: unknown) => void,
): () => void {
  const seen = new WeakSet<object>();
  const undo = (["uncaughtException", "unhandledRejection"] as const).map((name) => {
    const message = name === "uncaughtException" ? "Nobody caught an error" : "Nobody handled a rejection";
    const listener = (error: unknown) => {
      if (typeof error === "object" && error !== null) {
        if (seen.has(error)) return;
        seen.add(error);
      }
      found(message, error);
    };
    process.on(name, listener);
    return () => process.off(name, listener);
  });
  return () => undo.forEach((take) => take());
}
