/**
 * The engine: drives a bus from state to state towards its goal, one phase at a time. What is asked of it
 * is data (a state, a goal, pending calls, errands), never a promise chain: where the context of one driver
 * dies, a later call drives on from where it stood.
 * @module
 */
import { adopt } from "./_adopt.ts";
import { defer, type Deferred, rejected } from "./_deferred.ts";
import { Apart } from "./apart.ts";
import type { BusReport } from "./bus.ts";
import { type ControlHost, makeControl } from "./control.ts";
import type { Core } from "./core.ts";
import { Course } from "./course.ts";
import { Deadline } from "./deadline.ts";
import { depart, type DepartureHost } from "./departure.ts";
import { type Errand, Errands, type ErrandsHost } from "./errands.ts";
import { type Failure, namedError, textOf, TraitError, TransitionError } from "./errors.ts";
import { FAILED, OK } from "./exit_codes.ts";
import { Held } from "./held.ts";
import type { JoinsHost } from "./joins.ts";
import { Limits } from "./limits.ts";
import type { Action, Member } from "./member.ts";
import { Members, type MembersHost, type Span } from "./members.ts";
import type { Reason, Reload } from "./phase.ts";
import type { LimitOptions, Platform, RestartPlan } from "./platform.ts";
import type { LogDetails } from "./records.ts";
import { Reloads, type ReloadsHost } from "./reloads.ts";
import { logFailure, type Step } from "./round.ts";
import { limitFor, type SpanHost, spanOf } from "./spans.ts";
import { type Goal, isEnd, LAST, mayFail, nextState, type State } from "./states.ts";
import { callApart, type TurnsHost, turnsOf } from "./turns.ts";
import { UnderWay } from "./under_way.ts";
import { Waiters } from "./waiters.ts";
import { beginWork, type WorkHost } from "./work.ts";

/** How often the bus's own bookkeeping may fail before the bus gives up. */
const MOST_BREAKDOWNS = 20;

type Hosts =
  & (ControlHost & DepartureHost & ErrandsHost & JoinsHost & MembersHost)
  & (ReloadsHost & SpanHost & TurnsHost & WorkHost);

/** Drives one process bus. Each part of the core sees of it what its own host interface names. */
export class Engine implements Hosts {
  readonly core: Core;
  readonly platform: Platform;
  readonly traits: Platform["traits"];
  readonly limits: Limits;
  readonly members: Members;
  readonly errands: Errands;
  readonly apart: Apart;
  readonly held: Held;
  readonly reloads: Reloads;
  readonly waiters: Waiters = new Waiters();
  /** Resolves to the exit code once the platform has left. */
  readonly gone: Deferred<number> = defer();
  readonly confirm?: (reload: Reload) => unknown;
  state: State = "initial";
  settled = true;
  runs: Deadline;
  plan: RestartPlan = {};
  code: number = OK;
  hasFailed = false;
  forcedBy: Reason | undefined = undefined;
  readonly #course = new Course();
  readonly #underWay: UnderWay;
  readonly #onStartFailure: "exit" | "idle";
  #driver: object | undefined = undefined;
  #isStepping = false;
  /** The state before the present one. */
  #from: State = "initial";
  /** The failures of the transition under way; whether the present state has failed, which changes the path. */
  #failures: Failure[] = [];
  #fell = false;
  #hasWarned = false;
  #breakdowns = 0;

  constructor(core: Core, platform: Platform, options: LimitOptions) {
    this.core = core;
    this.platform = platform;
    this.traits = platform.traits;
    if (platform.confirm) this.confirm = (reload) => platform.confirm!(reload);
    this.limits = new Limits(options, platform);
    this.#onStartFailure = options.onStartFailure ?? platform.defaults?.onStartFailure ?? "exit";
    this.#underWay = new UnderWay(core, this.limits, platform.context);
    this.runs = new Deadline(core.clock, "run", Infinity);
    this.members = new Members(this);
    this.errands = new Errands(this);
    this.apart = new Apart(core);
    this.held = new Held(core);
    this.reloads = new Reloads(this);
  }

  // ---- asking

  /** Asks for a goal on behalf of a caller, whose promise settles with it. */
  call(goal: Goal, reason: Reason): Promise<void> {
    const refused = this.#refusal(goal);
    if (refused) return rejected(refused);
    if (this.isInside()) {
      this.request(goal, reason);
      const why = "the phase under way asked and would wait for itself";
      return rejected(new TransitionError("reentrant", this.state, goal, why));
    }
    if (this.#course.isThere(goal, this.state, this.settled)) return Promise.resolve();
    const { promise } = this.waiters.add([LAST[goal]], goal, this.#course.isQueued(goal));
    this.request(goal, reason);
    return promise as Promise<never>;
  }

  readonly request = (goal: Goal, reason: Reason): void => {
    this.code ||= reason.code ?? OK;
    const refused = this.#refusal(goal);
    if (refused) {
      this.core.log(refused.message, {
        level: refused instanceof TraitError ? "warn" : "info",
        error: refused,
      });
    } else if (this.state !== "exited" && !this.#course.isThere(goal, this.state, this.settled)) {
      const { isTurn, isChange } = this.#course.take(goal, reason);
      if (isTurn && goal !== "start") this.#giveUp();
      if (isEnd(goal)) this.#underWay.bound(this.state, this.settled);
      if (isChange) {
        this.waiters.supersede(goal, this.state);
        this.waiters.prune(this.state, this.settled, this.isEnding);
      }
    }
    this.notice(reason);
    this.drive();
  };

  /** Asks for a restart with a plan; the latest one counts. */
  restart(plan: RestartPlan): Promise<void> {
    if (!this.#refusal("restart")) this.plan = plan;
    return this.call("restart", { by: "call" });
  }

  force(reason: Reason): void {
    this.forcedBy = reason;
    this.request("exit", { ...reason, leftMs: 0 });
  }

  notice({ leftMs }: Reason): void {
    if (leftMs === undefined || !this.limits.shorten(this.core.clock.now(), Math.max(0, leftMs))) return;
    this.#underWay.deadline?.limit(this.limits.noticed(this.state));
  }

  isInside(): boolean {
    return this.#underWay.isInside();
  }

  /** Whether the bus is bound for its end, or there. */
  get isEnding(): boolean {
    return this.#course.isEnding || this.state === "exited";
  }

  get isRunComing(): boolean {
    return this.#course.isRunComing || !this.#course.goal && this.state === "run";
  }

  get deadlineEnd(): number | undefined {
    return this.#underWay.deadline?.end;
  }

  unreachable(target: string, why: string): Error {
    return new TransitionError("unreachable", this.state, target, why);
  }

  #refusal(goal: Goal): Error | undefined {
    const { name, respawn } = this.platform;
    const refused = this.#course.refusal(goal, this.state);
    if (refused || goal !== "restart" || respawn || this.core.channel(goal).size > 0) return refused;
    const why = `the platform "${name}" has no "respawn", and the channel no listener`;
    return new TraitError("respawn", true, undefined, `Cannot restart: ${why}`);
  }

  #giveUp(): void {
    const isOpening = this.state === "enter" || this.state === "idle";
    if (!this.#underWay.mayGiveUp && !(isOpening && this.#course.isEnding)) return;
    this.#underWay.giveUp(namedError("AbortError", `"${this.state}" is given up: ${this.#course.why()}`));
  }

  // ---- driving

  /** Lets one driver run where none does. */
  drive(): void {
    if (!this.#driver && !this.#isStepping) void this.#steer(this.#driver = {});
  }

  async #steer(driver: object): Promise<void> {
    while (driver === this.#driver) {
      let wait: Promise<void> | "rest" | undefined;
      this.#isStepping = true;
      try {
        wait = this.#step();
      } catch (error) {
        this.#breakDown(error);
      }
      this.#isStepping = false;
      // Nothing is awaited between finding nothing to do and the end: what comes later finds no driver.
      if (wait === "rest") this.#driver = undefined;
      else if (wait && driver === this.#driver) await wait;
    }
    // What was called in the step has abandoned this driver.
    if (!this.settled || this.#course.goal) this.drive();
  }

  /** One step of the way; returns what has to be waited for, or that the bus rests. */
  #step(): Promise<void> | "rest" | undefined {
    if (!this.settled) return this.#underWay.isThrough ? this.#settle() : this.#underWay.run();
    const next = nextState(this.state, this.#fell, this.#course.goal);
    if (next) return this.#enter(next);
    if (this.#course.goal) return this.#rest();
    return this.errands.next() ?? "rest";
  }

  #enter(state: State): undefined {
    const { state: from, core } = this;
    const course = this.#course;
    if (from === "idle" && course.goal === "graceful") course.goal = "start";
    if (state === "start") {
      if (this.runs.aborted) this.runs = new Deadline(core.clock, "run", Infinity);
      this.#warnOfGrace();
    }
    const span = spanOf(this, { state, from, reason: course.reason });
    this.state = state;
    this.#from = from;
    this.settled = this.#fell = false;
    if (state === "drain" || state === "exit") {
      const error = namedError("AbortError", `The run ends: ${course.why()}`);
      this.runs.abort(error, "request");
      this.apart.end(error);
    }
    // The other steps of a start give up at once where one fails: what they would finish is rolled back.
    const endedBy = state === "enter" || state === "start" ? "failure" : "request";
    this.#underWay.begin(state, span, turnsOf(this, state), { endedBy });
    const why = state === "drain" ? ` (${course.why()})` : "";
    this.#logState(`Bus state: ${state}${why}`, { level: "info", event: "state", from });
    this.#pulse();
    this.waiters.prune(state, false, this.isEnding);
    return undefined;
  }

  #settle(): undefined {
    const { state } = this;
    const { round, mayGiveUp, deadline } = this.#underWay;
    const { failures } = round!;
    const failed = failures.length > 0;
    const isGivenUp = mayGiveUp && this.#course.goal !== "start";
    const ms = this.core.clock.now() - deadline!.start;
    this.#underWay.end();
    this.settled = true;
    this.members.settled();
    failures.forEach((failure) => this.#note(failure));
    // What was held and is late now has been named, and holds no other drain.
    if (state === "drain") this.held.clear();
    if (state === "start" && (failed || isGivenUp)) this.members.miss(failed ? "warn" : "debug");
    if (failed && mayFail(state)) this.#fall(failures[0]!.error);
    else if (!isGivenUp) callApart(this, state);
    const always = state === "drain" || state === "exited" || state.endsWith("_error");
    if (always || !failed && !isGivenUp) this.waiters.pass(state, this.#failures.length > 0);
    this.waiters.prune(state, true, this.isEnding);
    this.#logState(`Settled in "${state}" after ${Math.round(ms)} ms`, {
      level: "debug",
      event: "settled",
      ms,
    });
    this.#pulse();
    return undefined;
  }

  /** A failure changes the path, and with it the goal. */
  #fall(error: unknown): void {
    this.#fell = true;
    const hasBegun = this.state === "start" || this.state === "run";
    this.#course.fall(hasBegun && this.#onStartFailure === "idle" ? "stop" : "exit", error);
  }

  /** The goal is reached: its callers are told, and the one that waited has its turn. */
  #rest(): undefined {
    const isRestart = this.#course.goal === "restart";
    this.waiters.rest(this.state, this.#failures);
    if (!isRestart) this.#failures = [];
    this.#course.rest();
    if (this.state !== "exited") return undefined;
    this.members.close(new TransitionError("exited", this.state, "run", "the bus has exited"));
    void depart(this, isRestart).then(this.gone.resolve, () => this.gone.resolve(this.code || FAILED));
    return undefined;
  }

  /** Something of the bus itself has failed. It counts as a failure, and the bus goes on to its end. */
  #breakDown(error: unknown): void {
    const failure: Failure = { channel: this.state, listener: "the bus itself", kind: "throw", ms: 0, error };
    logFailure(this.core, failure);
    this.#note(failure);
    this.#course.fall("exit", error);
    this.settled = true;
    try {
      this.#underWay.end();
    } catch { /* The clock has failed: nothing is timed any more. */ }
    if (++this.#breakdowns < MOST_BREAKDOWNS) return;
    this.state = "exited";
    this.#driver = undefined;
    this.#course.goal = this.#course.later = undefined;
    this.waiters.rest(this.state, this.#failures, true);
    this.gone.resolve(this.code || FAILED);
  }

  #note(failure: Failure): void {
    this.#failures.push(failure);
    this.hasFailed = true;
  }

  #logState(message: string, details: LogDetails): void {
    const { goal, reason: { by, name } } = this.#course;
    this.core.log(message, { ...details, goal, by, ...name !== undefined && { name } });
  }

  #warnOfGrace(): void {
    const shortfall = this.#hasWarned ? undefined : this.limits.shortfall(this.traits);
    this.#hasWarned = true;
    if (!shortfall) return;
    const { ms, graceMs } = shortfall;
    const message =
      `The deadlines of drain, stop and exit add up to ${ms} ms, and the host leaves ${graceMs} ms`;
    this.core.log(message, { level: "warn", event: "grace", ...shortfall });
  }

  /** Shows the platform the state; what that fails with stops nothing. */
  #pulse(): void {
    const fail = (error: unknown) =>
      this.core.log(`The platform's pulse failed: ${textOf(error)}`, { level: "error", error });
    try {
      const made: unknown = this.platform.pulse?.(this.state, this.settled);
      adopt(made, (failed, error) => failed && fail(error));
    } catch (error) {
      fail(error);
    }
  }

  abandon(reason: string): void {
    if (!this.#driver || this.state === "exited" && this.settled) return;
    const error = new Error(
      `Cannot finish "${this.state}": it was abandoned, the context that drove it is gone: ${reason}`,
    );
    this.#driver = undefined;
    this.#underWay.abandon(error, () => this.span(this.state));
    if (this.settled) this.#underWay.end();
    this.errands.abandon(error);
    this.held.clear();
    this.drive();
  }

  // ---- what the parts need

  attach(): ReturnType<Platform["attach"]> {
    return this.platform.attach(makeControl(this));
  }

  readonly within = <T>(body: () => T): T => this.#underWay.within(body);

  readonly span = (state: State): Span =>
    spanOf(this, { state, from: this.#from, reason: this.#course.reason });

  beginWork(members: readonly Member[]): void {
    beginWork(this, members);
  }

  workEnded(member: Member, failure: Failure | undefined): void {
    const { name, owner, isJob, since } = member;
    if (!failure && isJob) {
      member.tell(`Component "${name}" has ended its work, which ends the program`, { level: "info" });
      return this.request("exit", { by: "call", name });
    }
    const error = new Error(`Component "${name}" has ended its run while the bus was running`);
    const ms = this.core.clock.now() - since;
    const ended = failure ?? { channel: "run", listener: name, kind: "throw", ms, error };
    logFailure(this.core, ended, owner);
    this.#note(ended);
    this.request("exit", { by: "error", code: FAILED, error: ended.error });
  }

  async perform(action: Action, steps: () => readonly Step[]): Promise<readonly Failure[]> {
    const span = spanOf(this, {
      state: action,
      from: this.state,
      reason: this.#course.reason,
      isErrand: true,
    });
    const round = this.#underWay.begin(action, span, [steps], {
      endedBy: action === "start" ? "failure" : "request",
      counts: () => true,
    });
    await round.ran();
    // Another driver may have gone on in between.
    if (this.#underWay.round === round) this.#underWay.end();
    return round.failures;
  }

  limitErrand(errand: Errand, what: "reload" | "settle", mayGiveUp: boolean): Deadline {
    // What was prepared too late is rolled back beside whatever is under way then.
    if (errand !== this.errands.current) return limitFor(this, "run", this.limits.of(what));
    const deadline = limitFor(this, "run", this.limits.begin(what, this.core.clock.now(), true));
    this.#underWay.cover(deadline, mayGiveUp);
    return deadline;
  }

  endErrand(errand: Errand): void {
    if (errand === this.errands.current) this.#underWay.end();
  }

  cover(deadline: Deadline): void {
    this.#underWay.cover(deadline, false);
  }

  restarted(failures: readonly Failure[]): void {
    failures.forEach((failure) => this.#note(failure));
    this.waiters.rest(this.state, this.#failures, true);
  }

  /** The report of the bus, as `inspect()` returns it. */
  report(): BusReport {
    const { core, state, members, held } = this;
    const { goal } = this.#course;
    const { deadline } = this.#underWay;
    return {
      bus: core.name,
      state,
      ...goal && { goal },
      generation: this.reloads.generation,
      ...deadline && deadline.end !== Infinity && { leftMs: deadline.left() },
      channels: core.inspect(),
      components: members.inspect(),
      held: held.inspect(),
    };
  }
}
