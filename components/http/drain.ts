/**
 * The one drain of all servers: a lame duck where one is asked for; then no further connection, and the answers that
 * are under way; a word to streams and WebSockets; and at the end of the time the cut.
 * @module
 */
import type { Signal } from "../../src/internal.ts";
import type { Phase } from "../../src/phase.ts";
import type { Wired } from "./wiring.ts";

/** The options of the drain beside the server. */
export interface DrainOptions {
  /** The component's name, for the log. */
  readonly name: string;
  /** Milliseconds to go on serving first. */
  readonly lameDuckMs: number;
  /** Whether WebSockets and event streams go on until shortly before the end, as all other streams do. */
  readonly finishStreams: boolean;
}

/** The share of the time that is kept for what follows the lame duck. */
const KEPT = 0.25;

/** How often the drain looks at the time that is left: it may be shortened at any moment, and no event tells of it. */
const LOOK_MS = 250;

/** Drains a server: when this has settled, nothing of it is left. Resolves to how many requests were cut. */
export async function drain(wired: Wired, phase: Phase, options: DrainOptions): Promise<number> {
  const { name, finishStreams } = options;
  const { signal } = phase;
  const since = performance.now();
  let closing = false;
  let stopLooking = () => {};
  try {
    signal.throwIfAborted();
    stopLooking = lookOften(phase, (isShort) => {
      if (isShort) wired.endStreams();
      else if (closing && !finishStreams) wired.endReconnecting();
    });
    const close = () => {
      closing = true;
      const closed = wired.close();
      if (!finishStreams) wired.endReconnecting();
      return closed;
    };
    await before(signal, serveOn(wired, phase, options).then(close));
    const ms = performance.now() - since;
    phase.log(`Component "${name}" is drained after ${Math.round(ms)} ms`, {
      event: "drained",
      component: name,
      status: "drained",
      ms,
    });
    return 0;
  } catch (error) {
    wired.endStreams();
    const requests = wired.inFlight();
    const left = wired.cut();
    if (!signal.aborted) throw error;
    // Idle connections were promised no answer, so that cutting them is no warning.
    const level = requests === 0 ? "info" : "warn";
    phase.log(`${name} ${whatWasCut(requests - left, left)}`, {
      level,
      event: "cut",
      component: name,
      requests,
      cut: requests - left,
      left,
    });
    return requests;
  } finally {
    stopLooking();
  }
}

function whatWasCut(requests: number, left: number): string {
  if (requests === 0 && left > 0) {
    return "cannot cut what is left at the end of its time: it ends with the process";
  }
  const cut = requests === 0 ? "connections" : requests === 1 ? "1 request" : `${requests} requests`;
  return `cut ${cut} at the end of its time${left > 0 ? "; what is left ends with the process" : ""}`;
}

/** The lame duck: serves on, so that a load balancer has the time to learn that requests are better sent elsewhere. */
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
  const ms = Math.round(lameDuckMs - rest);
  phase.log(`${name} is a lame duck for ${ms} ms, not for ${lameDuckMs}: the time for drain is too short`, {
    level: "warn",
    event: "lame_duck",
    component: name,
    ms,
    lameDuckMs,
  });
}

/**
 * Calls `look` at once and then often, with false; and at last with true, when only the time is left that streams need
 * to end. Returns its undo.
 */
function lookOften(phase: Phase, look: (isShort: boolean) => void): () => void {
  const time = phase.left();
  // The phase's own signal aborts up to 250 ms, or a tenth, before the end.
  const short = Math.min(250, time / 10) + Math.min(1000, time / 10);
  let timer: ReturnType<typeof setTimeout> | undefined;
  const next = () => {
    const rest = phase.left() - short;
    look(rest <= 0);
    // Not `phase.delay`, whose timer would keep the process alive when the drain is done.
    if (rest > 0) timer = setTimeout(next, Math.min(rest, LOOK_MS));
  };
  next();
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
