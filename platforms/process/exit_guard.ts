/**
 * Watches `process.exit` while the bus stops. If other code calls it, the log shows the stack of that call.
 * @module
 */
import type { ProcessLike } from "./process_like.ts";

/** Takes a warning: the message, and the same as data. */
export type Warn = (message: string, details: Readonly<Record<string, unknown>>) => void;

/** Watches `process.exit`. */
export interface ExitGuard {
  /** From now on, a call is reported to `warn` with its stack; it still ends the process. */
  watch(): void;
  /** Puts the runtime's own function back. */
  rest(): void;
}

/** Makes a guard of `process.exit`, which does not watch yet. */
export function exitGuard(process: ProcessLike, warn: Warn): ExitGuard {
  let undo: (() => void) | undefined;
  const rest = () => {
    undo?.();
    undo = undefined;
  };
  const watch = () => {
    if (undo !== undefined) return;
    const exit = process.exit;
    let watching = true;
    const watched = (code?: number): never => {
      if (watching) {
        const call = `process.exit(${code ?? ""})`;
        warn(
          `${call} was called before the bus had stopped: what is not done yet is lost; call bus.exit() instead`,
          { event: "foreign-exit", code, error: new Error(`${call} was called`) },
        );
        rest();
      }
      return exit.call(process, code);
    };
    process.exit = watched;
    undo = () => {
      watching = false;
      // If other code has wrapped our function, that wrapper stays, and our function only passes the call on.
      if (process.exit === watched) process.exit = exit;
    };
  };
  return { watch, rest };
}
