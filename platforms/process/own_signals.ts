/**
 * Signals that this process sends to itself. Libraries that listen for a signal clean up and then send it again, to end
 * the process by it: that is not an impatient operator who asks for force.
 * @module
 */
import { webClock } from "../../src/web_clock.ts";
import { type DenoLike, ownDeno } from "./deno_like.ts";
import { builtinModule, type ProcessLike } from "./process_like.ts";

/** How long after it was sent a signal is expected to arrive, in milliseconds. */
const ARRIVES_WITHIN_MS = 1000;

/** Tells the process's own signals from those of others. */
export interface OwnSignals {
  /** Whether the signal that arrives now was sent by this process. To be called once for each that arrives. */
  take(name: string): boolean;
  /** Puts back what was wrapped. */
  rest(): void;
}

/**
 * Watches what this process sends to itself by `process.kill` and `Deno.kill`, to its own number or to its group. A
 * signal that is sent in another way, such as by `kill` in a shell, looks like anybody else's.
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
    // The call failed: nothing arrives.
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
    // It cannot be replaced here, so that such a signal looks like anybody else's.
  }
  return () => {
    watching = false;
    // If other code has wrapped it again, that wrapper stays, and ours below it only passes the call on.
    if (host.kill === wrapped) (host as { kill: Kill }).kill = kill;
  };
}

/** Makes a function that gives the name of a signal as `kill` takes it: a name, a number, or nothing for SIGTERM. */
function nameOfSignal(process: ProcessLike): (signal: unknown) => string | undefined {
  return (signal = "SIGTERM") => {
    if (typeof signal === "string") return signal;
    const { signals } = builtinModule(process, "node:os").constants;
    return Object.keys(signals).find((name) => signals[name] === signal);
  };
}
