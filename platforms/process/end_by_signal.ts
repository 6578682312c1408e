/**
 * The end by the signal that asked for it, as shells and supervisors expect: a shell script goes on after a program that
 * took Ctrl-C and exited with 0, and ends with one that died of it.
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
 * Sends the signal again when the process ends, with nobody left who listens for it; returns the undo. `signals` are those
 * that asked for the end: the first one is sent, or where the bus was forced, the one that forced it. An exit code that
 * tells of a failure is kept instead. The first process of a container cannot die of a signal: there the code is 128 and
 * the signal's number.
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
      // On Deno it arrives a moment later.
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ARRIVES_WITHIN_MS);
    }
    process.exitCode = SIGNALED + signal.number;
  };
  process.on("exit", onExit);
  return () => void process.off("exit", onExit);
}
