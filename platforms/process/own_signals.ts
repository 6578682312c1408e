/**
 * Detects signals that this process sends to itself. A library that listens for a signal cleans up and then sends the signal
 * again, to end the process by it. Such a signal must not count as a second one, by which an operator asks for force.
 * @module
 */
import { webClock } from "../../src/web_clock.ts";
import { type DenoLike, ownDeno } from "./deno_like.ts";
import { builtinModule, type ProcessLike } from "./process_like.ts";

/** The longest time between sending a signal and its arrival, in milliseconds. */
const ARRIVES_WITHIN_MS = 1000;

/** Tells signals of this process from signals of other processes. */
export interface OwnSignals {
  /** Whether this process sent the signal that arrives now. To be called once for each signal that arrives. */
  take(name: string): boolean;
  /** Restores the wrapped functions. */
  rest(): void;
}

/**
 * Watches the signals that this process sends by `process.kill` and `Deno.kill` to its own process id or its own group. A
 * signal that it sends in another way, such as by `kill` in a shell, counts as one of another process.
 */
export function ownSignals(process: ProcessLike): OwnSignals {
  const sent = new Map<string, number[]>();
  const names = nameOfSignal(process);
  const note = (pid: unknown, signal: unknown) => {
    const target = Number(pid);
    if (target !== process.pid && target !== -process.pid && target !== 0) return undefined;
    const name = names(signal);
    if (name === undefined) return undefined;
    const times = sent.get(name) ?? [];
    sent.set(name, [...times, webClock.now()]);
    // Called if sending failed, so that no signal arrives.
    return () => void sent.get(name)?.pop();
  };
  const undo = [wrapKill(process, note)];
  const deno = process.versions["deno"] === undefined ? undefined : ownDeno();
  if (deno !== undefined) undo.push(wrapKill(deno, note));
  return {
    take(name) {
      const since = webClock.now() - ARRIVES_WITHIN_MS;
      const [found, ...rest] = (sent.get(name) ?? []).filter((at) => at >= since);
      sent.set(name, rest);
      return found !== undefined;
    },
    rest: () => undo.forEach((one) => one()),
  };
}

type Kill = (pid: number, signal?: never) => unknown;

/** Wraps `kill` of `host` so that `note` sees each call; returns the undo. */
function wrapKill(
  host: Pick<ProcessLike | DenoLike, "kill">,
  note: (pid: unknown, signal: unknown) => (() => void) | undefined,
): () => void {
  const kill = host.kill as Kill;
  let watching = true;
  const wrapped: Kill = (pid, signal) => {
    const forget = watching ? note(pid, signal) : undefined;
    try {
      return kill.call(host, pid, signal);
    } catch (error) {
      forget?.();
      throw error;
    }
  };
  try {
    (host as { kill: Kill }).kill = wrapped;
  } catch {
    // `kill` cannot be replaced here: the process's own signals count as those of another process.
  }
  return () => {
    watching = false;
    // If other code has wrapped our function, that wrapper stays, and our function only passes the call on.
    if (host.kill === wrapped) (host as { kill: Kill }).kill = kill;
  };
}

/** Makes a function that returns the name of a signal, given as `kill` takes it: a name, a number, or nothing for SIGTERM. */
function nameOfSignal(process: ProcessLike): (signal: unknown) => string | undefined {
  return (signal = "SIGTERM") => {
    if (typeof signal === "string") return signal;
    const { signals } = builtinModule(process, "node:os").constants;
    return Object.keys(signals).find((name) => signals[name] === signal);
  };
}
