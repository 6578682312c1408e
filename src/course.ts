/**
 * The course of a bus: what it was asked for, why, what waits for its turn, and what a new request changes.
 * @module
 */
import { rejected } from "./_deferred.ts";
import type { Core } from "./core.ts";
import { namedError, TraitError, TransitionError } from "./errors.ts";
import { OK } from "./exit_codes.ts";
import type { Limits } from "./limits.ts";
import type { Reason } from "./phase.ts";
import type { Platform, RestartPlan } from "./platform.ts";
import { atLeast, type Goal, isEnd, LAST, type State } from "./states.ts";
import type { UnderWay } from "./under_way.ts";
import type { Waiters } from "./waiters.ts";

/** The part of a bus that its course needs. */
export interface CourseHost {
  readonly core: Core;
  readonly platform: Platform;
  readonly limits: Limits;
  readonly state: State;
  readonly settled: boolean;
  /** Sees to it that the bus is on its way. */
  drive(): void;
}

/** The requests of one bus: its goal, and the goal that waits. */
export class Course {
  goal: Goal | undefined = undefined;
  /** A weaker goal that waits for its turn. */
  later: Goal | undefined = undefined;
  reason: Reason = { by: "call" };
  /** The exit code that was asked for first, the plan of a restart, and the signal that forced the end. */
  code: number = OK;
  plan: RestartPlan = {};
  forcedBy: Reason | undefined = undefined;
  readonly #host: CourseHost;
  readonly #underWay: UnderWay;
  readonly #waiters: Waiters;

  constructor(host: CourseHost, underWay: UnderWay, waiters: Waiters) {
    this.#host = host;
    this.#underWay = underWay;
    this.#waiters = waiters;
  }

  /** Whether the bus is bound for its end, or there. */
  get isEnding(): boolean {
    return isEnd(this.goal) || this.#host.state === "exited";
  }

  /** Whether the bus runs, or is on its way there. */
  get isRunComing(): boolean {
    const { goal, later } = this;
    if (!goal && this.#host.state === "run") return true;
    return [goal, later].some((goal) => goal && LAST[goal] === "run");
  }

  /** Asks for a goal on behalf of a caller, whose promise settles with it. */
  call(goal: Goal, reason: Reason = { by: "call" }): Promise<void> {
    const refused = this.#refusal(goal);
    if (refused) return rejected(refused);
    if (this.#underWay.isInside()) {
      this.request(goal, reason);
      const why = "the phase under way asked and would wait for itself";
      return rejected(new TransitionError("reentrant", this.#host.state, goal, why));
    }
    if (this.#isThere(goal)) return Promise.resolve();
    // A weaker goal has its turn after the stronger one that is under way. From "idle", graceful and start lead the same way.
    const isQueued = this.goal !== undefined && !atLeast(goal, this.goal) &&
      !(goal === "start" && this.goal === "graceful");
    const { promise } = this.#waiters.add([LAST[goal]], goal, isQueued);
    this.request(goal, reason);
    return promise as Promise<never>;
  }

  /** Asks for a goal; a weaker one than the present waits for its turn. */
  request(goal: Goal, reason: Reason): void {
    this.code ||= reason.code ?? OK;
    const { core, state } = this.#host;
    const refused = this.#refusal(goal);
    if (refused) {
      core.log(refused.message, { level: refused instanceof TraitError ? "warn" : "info", error: refused });
    } else if (this.goal && !atLeast(goal, this.goal)) this.later = goal;
    else if (state !== "exited" && !this.#isThere(goal)) this.#turn(goal, reason);
    this.notice(reason);
    this.#host.drive();
  }

  /** Asks for a restart with a plan; the latest one counts. */
  restart(plan: RestartPlan): Promise<void> {
    if (!this.#refusal("restart")) this.plan = plan;
    return this.call("restart");
  }

  /** Asks for the end, and leaves no more time. */
  force(reason: Reason): void {
    this.forcedBy = reason;
    this.request("exit", { ...reason, leftMs: 0 });
  }

  /** Shortens the deadlines to the time that a host leaves. */
  notice({ leftMs }: Reason): void {
    const { core: { clock }, limits, state } = this.#host;
    if (leftMs === undefined || !limits.shorten(clock.now(), Math.max(0, leftMs))) return;
    this.#underWay.deadline?.limit(limits.noticed(state));
  }

  /** A failure changes the goal to a stronger one. */
  fall(goal: "exit" | "stop", error: unknown): void {
    if (isEnd(this.goal) || this.goal && atLeast(this.goal, goal)) return;
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
    return `${this.goal} was asked by ${name}`;
  }

  #turn(goal: Goal, reason: Reason): void {
    const { state, settled } = this.#host;
    const isTurn = goal !== this.goal;
    if (!isTurn && !this.later && !isEnd(goal)) return;
    if (isTurn) {
      this.goal = goal;
      this.reason = reason;
      if (goal !== "start") this.#giveUp();
    }
    if (this.later && atLeast(goal, this.later)) this.later = undefined;
    if (isEnd(goal)) this.#underWay.bound(state, settled);
    this.#waiters.supersede(goal, state);
    this.#waiters.prune(state, settled, this.isEnding);
  }

  /** A stronger goal gives up what is under way, where that may be given up. */
  #giveUp(): void {
    const { state } = this.#host;
    const isOpening = state === "enter" || state === "idle";
    if (!this.#underWay.mayGiveUp && !(isOpening && isEnd(this.goal))) return;
    this.#underWay.giveUp(namedError("AbortError", `"${state}" is given up: ${this.why()}`));
  }

  /** Whether the bus rests where `goal` leads. */
  #isThere(goal: Goal): boolean {
    const { state, settled } = this.#host;
    if (this.goal || !settled) return false;
    if (goal === "stop") return state !== "run";
    return goal !== "graceful" && state === LAST[goal];
  }

  /** Why `goal` cannot be reached from here. */
  #refusal(goal: Goal): Error | undefined {
    const { core, platform: { name, respawn }, state } = this.#host;
    if (goal === "exit") return undefined;
    if (state === "exited") return new TransitionError("exited", state, goal, "the bus has exited");
    if (isEnd(this.goal) && !atLeast(goal, this.goal!)) {
      return new TransitionError("unreachable", state, goal, `"${this.goal}" was asked before`);
    }
    if (goal !== "restart" || respawn || core.channel(goal).size > 0) return undefined;
    const why = `the platform "${name}" has no "respawn", and the channel no listener`;
    return new TraitError("respawn", true, undefined, `Cannot restart: ${why}`);
  }
}
