/**
 * The course of a bus: its goal, the weaker one that waits for its turn, and why. Plain data and the rules between goals.
 * @module
 */
import { TransitionError } from "./errors.ts";
import type { Reason } from "./phase.ts";
import { atLeast, type Goal, isEnd, LAST, type State } from "./states.ts";

/** What a bus was asked for. */
export class Course {
  goal: Goal | undefined = undefined;
  /** A weaker goal that waits for its turn. */
  later: Goal | undefined = undefined;
  reason: Reason = { by: "call" };

  /** Whether the bus is bound for its end. */
  get isEnding(): boolean {
    return isEnd(this.goal);
  }

  /** Whether one of the goals leads to `run`. */
  get isRunComing(): boolean {
    return [this.goal, this.later].some((goal) => goal && LAST[goal] === "run");
  }

  /** Whether `goal` has to wait for its turn. From `idle`, `graceful` and `start` are the same way. */
  isQueued(goal: Goal): boolean {
    const { goal: present } = this;
    return present !== undefined && !atLeast(goal, present) && !(goal === "start" && present === "graceful");
  }

  /** Whether the bus rests where `goal` leads. */
  isThere(goal: Goal, state: State, settled: boolean): boolean {
    if (this.goal || !settled) return false;
    if (goal === "stop") return state !== "run";
    return goal !== "graceful" && state === LAST[goal];
  }

  /** Why `goal` cannot be reached from `state`. */
  refusal(goal: Goal, state: State): TransitionError | undefined {
    if (goal === "exit") return undefined;
    if (state === "exited") return new TransitionError("exited", state, goal, "the bus has exited");
    if (!this.isEnding || atLeast(goal, this.goal!)) return undefined;
    return new TransitionError("unreachable", state, goal, `"${this.goal}" was asked before`);
  }

  /** Takes a request that was not refused. Returns whether it changes anything; `isTurn`: whether the goal is another now. */
  take(goal: Goal, reason: Reason): { readonly isTurn: boolean; readonly isChange: boolean } {
    if (this.goal && !atLeast(goal, this.goal)) {
      this.later = goal;
      return { isTurn: false, isChange: false };
    }
    const isTurn = goal !== this.goal;
    const isChange = isTurn || this.later !== undefined;
    if (isTurn) {
      this.goal = goal;
      this.reason = reason;
    }
    if (this.later && atLeast(goal, this.later)) this.later = undefined;
    return { isTurn, isChange };
  }

  /** A failure changes the goal to a stronger one. */
  fall(goal: "exit" | "stop", error: unknown): void {
    if (this.isEnding || this.goal && atLeast(this.goal, goal)) return;
    this.goal = goal;
    this.reason = { by: "error", error };
    if (goal === "exit") this.later = undefined;
  }

  /** The goal is reached: the one that waited has its turn. */
  rest(): void {
    this.goal = this.later;
    this.later = undefined;
    this.reason = { by: "call" };
  }

  /** Why the bus is on its way: `exit was asked by SIGTERM`. */
  why(): string {
    const { by, name = by } = this.reason;
    return by === "error" ? `${this.goal} follows from a failure` : `${this.goal} was asked by ${name}`;
  }
}
