/**
 * The one drain of all servers: a lame duck where one is asked for; then no further connection, and the answers that
 * are under way; a word to streams and WebSockets shortly before the end; and at the end the cut.
 * @module
 */
import type { Signal } from "../../src/internal.ts";
import type { Phase } from "../../src/phase.ts";
import type { Wired } from "./wiring.ts";

/** What the drain has to know beside the server. */
export interface DrainOptions {
  /** The component's name, for the log. */
  readonly name: string;
  /** Milliseconds to go on serving first. */
  readonly lameDuckMs: number;
  /** Has the signals of all requests fire. */
  end(): void;
}

/** How much of its time a drain keeps for what follows the lame duck. */
const KEPT = 0.25;

/** The time left may be shortened at any moment, and nobody is told: so often it is looked at. */
const LOOK_MS = 250;

/** Drains a server: when this has settled, nothing of it is left. */
export async function drain(wired: Wired, phase: Phase, options: DrainOptions): Promise<void> {
  const { name, end } = options;
  const { signal } = phase;
  const since = performance.now();
  let disarm = () => {};
  try {
    signal.throwIfAborted();
    disarm = whenTimeIsShort(phase, () => {
      end();
      wired.closeWebSockets();
    });
    await before(signal, serveOn(wired, phase, options).then(() => wired.close()));
    const ms = performance.now() - since;
    phase.log(`Component "${name}" is drained after ${Math.round(ms)} ms`, {
      component: name,
      status: "drained",
      ms,
    });
  } catch (error) {
    end();
    const requests = wired.inFlight();
    const left = wired.cut();
    if (!signal.aborted) throw error;
    // Where nobody was promised an answer, nobody is to be warned.
    const level = requests === 0 ? "info" : "warn";
    phase.log(`${name} ${whatWasCut(requests - left, left)}`, { level, component: name, requests });
  } finally {
    disarm();
  }
}

function whatWasCut(requests: number, left: number): string {
  if (requests === 0 && left > 0) {
    return "cannot cut what is left at the end of its time: it ends with the process";
  }
  const cut = requests === 0 ? "connections" : requests === 1 ? "1 request" : `${requests} requests`;
  return `cut ${cut} at the end of its time${left > 0 ? "; what is left ends with the process" : ""}`;
}

/** The lame duck: whoever sends the requests learns meanwhile that they are better sent elsewhere. */
async function serveOn(wired: Wired, phase: Phase, { name, lameDuckMs }: DrainOptions): Promise<void> {
  if (lameDuckMs === 0) return;
  wired.announce();
  const kept = phase.left() * KEPT;
  let rest = lameDuckMs;
  while (rest > 0 && phase.left() > kept) {
    const ms = Math.min(rest, phase.left() - kept, LOOK_MS);
    await phase.delay(ms);
    rest -= ms;
  }
  if (rest < 1) return;
  const served = Math.round(lameDuckMs - rest);
  phase.log(
    `${name} is a lame duck for ${served} ms, not for ${lameDuckMs}: the time for drain is too short`,
    {
      level: "warn",
      component: name,
    },
  );
}

/** Fires when what is left of the time is what streams need to end; returns its undo. */
function whenTimeIsShort(phase: Phase, fire: () => void): () => void {
  const time = phase.left();
  // The phase's own signal aborts up to 250 ms, or a tenth, before the end.
  const short = Math.min(250, time / 10) + Math.min(1000, time / 10);
  let timer: ReturnType<typeof setTimeout> | undefined;
  const look = () => {
    const rest = phase.left() - short;
    if (rest <= 0) return fire();
    // Not `phase.delay`, whose timer would hold the process when the drain is done.
    timer = setTimeout(look, Math.min(rest, LOOK_MS));
  };
  look();
  return () => clearTimeout(timer);
}

/** Settles as the promise does, but rejects when the signal aborts. */
async function before<T>(signal: Signal, promise: Promise<T>): Promise<T> {
  let abort = () => {};
  const aborted = new Promise<never>((_, reject) => {
    abort = () => reject(signal.reason);
    signal.addEventListener("abort", abort);
  });
  try {
    return await Promise.race([promise, aborted]);
  } finally {
    signal.removeEventListener("abort", abort);
  }
}
