/**
 * The pending promises of a bus: those of calls that asked for a goal, and those of `wait`.
 * @module
 */
import { defer, type Deferred } from "./_deferred.ts";
import { onAbort, type Signal } from "./_web.ts";
import { checkKeys, checkMs, show } from "./check.ts";
import type { Core } from "./core.ts";
import { ChannelFailures, type Failure, namedError, TransitionError } from "./errors.ts";
import { atLeast, type Goal, isEnd, LAST, type State, STATES, statesAfter } from "./states.ts";

/** How a state is waited for. */
export interface WaitOptions {
  /** Ends the waiting, which rejects with the signal's reason. */
  readonly signal?: Signal;
  /** Milliseconds until it rejects with a `TimeoutError`. Default: none. */
  readonly timeout?: number;
}

/** One promise that waits for a state. A promise with a goal belongs to a call of that goal. */
export interface Waiter extends Deferred<unknown> {
  readonly states: readonly State[];
  readonly goal: Goal | undefined;
  /** Whether it was asked while a stronger goal was under way: its own transition begins after that one. */
  isQueued: boolean;
}

/** The pending promises of one bus. */
export class Waiters {
  readonly #all = new Set<Waiter>();

  /** Adds a promise that resolves when the bus passes through one of the states. */
  add(states: readonly State[], goal?: Goal, isQueued = false): Waiter {
    const waiter = { ...defer<unknown>(), states, goal, isQueued };
    this.#all.add(waiter);
    return waiter;
  }

  /** Forgets a promise that was settled otherwise. */
  leave(waiter: Waiter): void {
    this.#all.delete(waiter);
  }

  /** A state has settled: resolves what waits for it; a call only where nothing failed on the way. */
  pass(state: State, failed: boolean): void {
    for (const waiter of this.#all) {
      const { states, goal, isQueued } = waiter;
      if (!states.includes(state) || goal && (failed || isQueued || goal === "restart")) continue;
      this.#end(waiter, state);
    }
  }

  /** Rejects the calls whose last state a stronger request has put out of reach. */
  supersede(goal: Goal, state: State): void {
    for (const waiter of this.#all) {
      const asked = waiter.goal;
      if (!asked || asked === goal || !atLeast(goal, asked) || isEnd(goal) && asked === "stop") continue;
      if (goal === "graceful" && asked === "start") continue;
      this.#end(waiter, new TransitionError("superseded", state, LAST[asked], `${goal} was asked`));
    }
  }

  /**
   * The bus rests: settles the calls of the transition that is over, and begins those that waited for their
   * turn. A `restart` is over only when its successor is (`isRestarted`).
   */
  rest(state: State, failures: readonly Failure[], isRestarted = false): void {
    for (const waiter of this.#all) {
      const { goal } = waiter;
      if (!goal) continue;
      if (state === "exited" ? goal === "restart" && !isRestarted : waiter.isQueued) waiter.isQueued = false;
      else if (failures.length > 0) this.#end(waiter, new ChannelFailures(failures));
      else if (LAST[goal] === state) this.#end(waiter, state);
      else {
        const why = `the bus rests in "${state}"`;
        this.#end(waiter, new TransitionError("unreachable", state, LAST[goal], why));
      }
    }
  }

  /** Rejects each `wait` for states that cannot come any more. */
  prune(state: State, settled: boolean, ending: boolean): void {
    let coming: ReadonlySet<State> | undefined;
    for (const waiter of this.#all) {
      if (!waiter.goal) this.pruneOne(waiter, state, settled, coming ??= statesAfter(state, ending));
    }
  }

  /** Rejects one `wait` where its states cannot come any more. */
  pruneOne(waiter: Waiter, state: State, settled: boolean, coming: ReadonlySet<State>): void {
    const { states } = waiter;
    if (states.some((wanted) => coming.has(wanted) || !settled && wanted === state)) return;
    const why = `it cannot come after "${state}" any more`;
    this.#end(waiter, new TransitionError("exited", state, states.join('", "'), why));
  }

  #end(waiter: Waiter, as: State | Error): void {
    this.#all.delete(waiter);
    if (typeof as !== "string") waiter.reject(as);
    else waiter.resolve(waiter.goal ? undefined : as);
  }
}

/** The part of a bus that `wait` needs. */
export interface WaitHost {
  readonly core: Core;
  readonly waiters: Waiters;
  readonly state: State;
  readonly settled: boolean;
  readonly course: { readonly isEnding: boolean };
}

/** Resolves to the first of the states that the bus rests in or passes. */
export function waitFor(
  host: WaitHost,
  states: State | readonly State[],
  options: WaitOptions,
): Promise<State> {
  checkKeys("Cannot wait", options, ["signal", "timeout"]);
  const { signal, timeout } = options;
  if (timeout !== undefined) checkMs("Cannot wait", "timeout", timeout);
  const wanted = [states].flat() as State[];
  const { core, waiters, state, settled, course } = host;
  const waiter = waiters.add(wanted);
  const { promise, reject, resolve } = waiter as Deferred<State>;
  const unknown = wanted.filter((name) => !STATES.includes(name));
  const late = () => {
    const text = `Cannot wait for ${show(wanted.join(", "))} any longer: ${timeout} ms are over`;
    reject(namedError("TimeoutError", text));
  };
  let release: (() => void) | undefined;
  let disarm: (() => void) | undefined;
  const done = () => {
    waiters.leave(waiter);
    disarm?.();
    release?.();
  };
  try {
    if (unknown.length > 0) {
      const names = unknown.map((name: unknown) => typeof name === "string" ? name : show(name));
      reject(new TransitionError("unknown", state, names.join(), "there is no such state"));
    } else if (signal?.aborted) reject(signal.reason);
    else if (settled && wanted.includes(state)) resolve(state);
    else waiters.pruneOne(waiter, state, settled, statesAfter(state, course.isEnding));
    if (!waiter.settled) {
      release = signal && onAbort(signal, reject);
      if (timeout !== undefined) disarm = core.clock.setTimer(timeout, late);
    }
  } catch (error) {
    // The given signal is no AbortSignal.
    reject(error);
  }
  if (waiter.settled) done();
  else promise.then(done, done);
  return promise;
}
