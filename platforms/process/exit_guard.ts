/**
 * Watches `process.exit` and `Deno.exit` while the bus stops. If other code calls one, the log shows the stack of that call.
 * @module
 */
import { type DenoLike, ownDeno } from "./deno_like.ts";
import type { ProcessLike } from "./process_like.ts";

/** Takes a warning: the message, and the same as data. */
export type Warn = (message: string, details: Readonly<Record<string, unknown>>) => void;

/** Watches the functions that end the process at once. */
export interface ExitGuard {
  /** From now on, a call is reported to `warn` with its stack; it still ends the process. */
  watch(): void;
  /** Puts the runtime's own functions back. */
  rest(): void;
}

/** Makes a guard, which does not watch yet. */
export function exitGuard(process: ProcessLike, warn: Warn): ExitGuard {
  const deno = process.versions["deno"] === undefined ? undefined : ownDeno();
  let undo: (() => void)[] = [];
  const rest = () => {
    undo.forEach((one) => one());
    undo = [];
  };
  const tell = (call: string, code: number | undefined) => {
    // On Deno, `process.exit` calls `Deno.exit`, which is not to be reported again.
    rest();
    warn(
      `${call} was called before the bus had stopped: what is not done yet is lost; call bus.exit() instead`,
      { event: "foreign-exit", code, error: new Error(`${call} was called`) },
    );
  };
  const watch = () => {
    if (undo.length > 0) return;
    undo.push(wrapExit(process, (code) => tell(`process.exit(${code ?? ""})`, code)));
    if (deno !== undefined) undo.push(wrapExit(deno, (code) => tell(`Deno.exit(${code ?? ""})`, code)));
  };
  return { watch, rest };
}

/** Wraps `exit` of `host` so that `tell` hears of a call; returns the undo. */
function wrapExit(
  host: Pick<ProcessLike | DenoLike, "exit">,
  tell: (code: number | undefined) => void,
): () => void {
  const { exit } = host;
  let watching = true;
  const watched = (code?: number): never => {
    if (watching) tell(code);
    return exit.call(host, code);
  };
  host.exit = watched;
  return () => {
    watching = false;
    // If other code has wrapped our function, that wrapper stays, and our function only passes the call on.
    if (host.exit === watched) host.exit = exit;
  };
}
