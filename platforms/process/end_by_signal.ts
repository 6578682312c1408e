/**
 * Ends a process by the signal that asked for the end, as shells and supervisors expect. After Ctrl-C, a shell script goes on
 * if its program exited with 0, and ends if the signal ended the program.
 * @see https://www.cons.org/cracauer/sigint.html
 * @module
 */
import { SIGNALED } from "../../src/exit_codes.ts";
import type { ProcessLike, ProcessListener } from "./process_like.ts";

/** How long the process waits for its own signal to end it, in milliseconds. */
const ARRIVES_WITHIN_MS = 500;

/** The signal that ended the bus. */
export interface EndingSignal {
  readonly name: string;
  readonly number: number;
}

/**
 * Sends the signal again when the process ends, after its listeners were removed; returns the undo. `signals` are those that
 * asked for the end: the first one is sent, or, after a forced exit, the one that forced it. If the exit code says that
 * something failed, the process ends with that code instead. A signal cannot end the first process of a container: there
 * the exit code is 128 and the number of the signal.
 */
export function endBySignal(process: ProcessLike, signals: readonly EndingSignal[]): () => void {
  const onExit = (code: unknown) => {
    const signal = signals.find(({ number }) => code === 0 || code === SIGNALED + number);
    if (signal === undefined) return;
    if (process.pid !== 1) {
      for (const listener of process.listeners(signal.name)) {
        process.off(signal.name, listener as ProcessListener);
      }
      process.kill(process.pid, signal.name);
      // On Deno the signal arrives a moment later.
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ARRIVES_WITHIN_MS);
    }
    process.exitCode = SIGNALED + signal.number;
  };
  process.on("exit", onExit);
  return () => void process.off("exit", onExit);
}
