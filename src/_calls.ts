/**
 * Who waits for the bus: the calls that asked for a goal, and those that wait for a state.
 * @module
 */
import { defer, type Deferred } from "./_deferred.ts";
import { ChannelFailures, type Failure, TransitionError } from "./errors.ts";
import { atLeast, type Goal, isEnd, type State, statesAfter } from "./states.ts";

/** The last state of each goal. */
const LAST: Readonly<Record<Goal, State>> = {
  start: "run",
  stop: "idle",
  exit: "exited",
  graceful: "run",
  restart: "exited",
};

interface Call {
  readonly goal: Goal;
  readonly deferred: Deferred<void>;
  /** Asked while a stronger goal was under way: its own transition begins after that one. */
  queued: boolean;
}

interface Waiter {
  readonly states: readonly State[];
  readonly deferred: Deferred<State>;
}

/** The open promises of one bus. */
export class Calls {
  #calls: Call[] = [];
  #waiters = new Set<Waiter>();

  /** Adds a call made while `present` is the goal. */
  add(goal: Goal, present: Goal | undefined): Promise<void> {
    const deferred = defer<void>();
    const queued = present !== undefined && !atLeast(goal, present) &&
      !(goal === "start" && present === "graceful");
    this.#calls.push({ goal, deferred, queued });
    return deferred.promise;
  }

  /** Waits for a pass through one of the states; returns the promise and the way to leave. */
  wait(states: readonly State[]): Waiter & { leave(): void } {
    const waiter = { states, deferred: defer<State>() };
    this.#waiters.add(waiter);
    return { ...waiter, leave: () => void this.#waiters.delete(waiter) };
  }

  /** Rejects the calls whose last state a stronger request has put out of reach. */
  supersede(goal: Goal, state: State): void {
    this.#calls = this.#calls.filter((call) => {
      const reaches = call.goal === goal || !atLeast(goal, call.goal) ||
        (isEnd(goal) && call.goal === "stop") ||
        (goal === "graceful" && call.goal === "start");
      if (!reaches) {
        call.deferred.reject(new TransitionError("superseded", state, LAST[call.goal], `${goal} was asked`));
      }
      return reaches;
    });
  }

  /** A state has settled: resolves whom that serves, unless something failed on the way. */
  pass(state: State, failed: boolean): void {
    for (const waiter of this.#waiters) {
      if (!waiter.states.includes(state)) continue;
      this.#waiters.delete(waiter);
      waiter.deferred.resolve(state);
    }
    this.#calls = this.#calls.filter((call) => {
      const stays = failed || call.queued || LAST[call.goal] !== state || call.goal === "restart";
      if (!stays) call.deferred.resolve();
      return stays;
    });
  }

  /**
   * The bus rests: settles the calls of the transition that is over, and begins those that waited for their
   * turn. A `restart` is over only when its successor is (`restarted`).
   */
  rest(state: State, failures: readonly Failure[], restarted = false): void {
    const stays = (call: Call) => state === "exited" ? call.goal === "restart" && !restarted : call.queued;
    const over = this.#calls.filter((call) => !stays(call));
    this.#calls = this.#calls.filter(stays);
    for (const call of this.#calls) call.queued = false;
    for (const { goal, deferred } of over) {
      const last = LAST[goal];
      if (failures.length > 0) deferred.reject(new ChannelFailures(failures));
      else if (last === state) deferred.resolve();
      else deferred.reject(new TransitionError("unreachable", state, last, `the bus rests in "${state}"`));
    }
  }

  /** Rejects those who wait for states that cannot come any more. */
  prune(state: State, settled: boolean, ending: boolean): void {
    const coming = statesAfter(state, ending);
    for (const waiter of this.#waiters) {
      if (waiter.states.some((wanted) => coming.has(wanted) || (!settled && wanted === state))) continue;
      this.#waiters.delete(waiter);
      const names = waiter.states.join('", "');
      waiter.deferred.reject(
        new TransitionError("exited", state, names, `it cannot come after "${state}" any more`),
      );
    }
  }
}
