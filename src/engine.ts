/**
 * The engine: drives a bus from state to state towards its goal, one phase at a time. What is asked of it
 * is data (a state, a goal, pending calls, errands), never a promise chain: where the context of one driver
 * dies, a later call drives on from where it stood.
 * @module
 */
import { callAndWatch } from "./_adopt.ts";
import { defer, type Deferred } from "./_deferred.ts";
import type { BusReport } from "./bus.ts";
import { logFailure, type Step } from "./call.ts";
import { type ControlHost, makeControl } from "./control.ts";
import type { Core } from "./core.ts";
import { Course, type CourseHost } from "./course.ts";
import { Deadline } from "./deadline.ts";
import { depart, type DepartureHost } from "./departure.ts";
import { type Errand, Errands, type ErrandsHost } from "./errands.ts";
import { type Failure, namedError, ownFailure, textOf, TransitionError } from "./errors.ts";
import { FAILED } from "./exit_codes.ts";
import type { Guests, GuestsHost } from "./guests.ts";
import { Held } from "./held.ts";
import type { JoinsHost } from "./joins.ts";
import { Limits } from "./limits.ts";
import type { Action, Member } from "./member.ts";
import { Members, type MembersHost } from "./members.ts";
import type { Reload } from "./phase.ts";
import type { LimitOptions, Platform } from "./platform.ts";
import type { LogDetails } from "./records.ts";
import { reportOf } from "./report.ts";
import { Reloads, type ReloadsHost } from "./reloads.ts";
import { limitFor, type Span, type SpanHost, spanOf } from "./spans.ts";
import { mayFail, nextState, type State } from "./states.ts";
import { type TurnsHost, turnsOf } from "./turns.ts";
import { UnderWay } from "./under_way.ts";
import { Waiters } from "./waiters.ts";
import { beginWork, type WorkHost } from "./work.ts";

/** How often the bus's own bookkeeping may fail before the bus gives up. */
const MOST_BREAKDOWNS = 20;

type Hosts =
  & (ControlHost & CourseHost & DepartureHost & ErrandsHost & GuestsHost & JoinsHost)
  & (MembersHost & ReloadsHost & SpanHost & TurnsHost & WorkHost);

/** Drives one process bus. Each part of the core sees of it what its own host interface names. */
export class Engine implements Hosts {
  readonly core: Core;
  readonly platform: Platform;
  readonly traits: Platform["traits"];
  readonly limits: Limits;
  readonly course: Course;
  readonly members: Members;
  readonly errands: Errands;
  readonly held: Held;
  readonly reloads: Reloads;
  readonly waiters: Waiters = new Waiters();
  /** Made with the first guest. */
  guests: Guests | undefined = undefined;
  /** Resolves to the exit code once the platform has left. */
  readonly gone: Deferred<number> = defer();
  readonly confirm?: (reload: Reload) => unknown;
  state: State = "initial";
  settled = true;
  /** Lasts as long as the run. */
  runs: Deadline;
  hasFailed = false;
  readonly underWay: UnderWay;
  readonly #onStartFailure: "exit" | "idle";
  #driver: object | undefined = undefined;
  #isStepping = false;
  /** The state before the present one. */
  #from: State = "initial";
  /** The failures of the transition under way; whether the present state has failed, which changes the path. */
  #failures: Failure[] = [];
  #fell = false;
  #breakdowns = 0;

  constructor(core: Core, platform: Platform, options: LimitOptions) {
    this.core = core;
    this.platform = platform;
    this.traits = platform.traits;
    if (platform.confirm) this.confirm = (reload) => platform.confirm!(reload);
    this.limits = new Limits(options, platform);
    this.#onStartFailure = options.onStartFailure ?? platform.defaults?.onStartFailure ?? "exit";
    this.underWay = new UnderWay(core, this.limits, platform.context);
    this.course = new Course(this, this.underWay, this.waiters);
    this.runs = new Deadline(core.clock, "run", Infinity);
    this.members = new Members(this);
    this.errands = new Errands(this);
    this.held = new Held(core);
    this.reloads = new Reloads(this);
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
    // A listener that was called in the step has abandoned this driver.
    if (!this.settled || this.course.goal) this.drive();
  }

  /** Takes one step; returns the promise that has to be awaited, or that the bus rests. */
  #step(): Promise<void> | "rest" | undefined {
    if (!this.settled) return this.underWay.isThrough ? this.#settle() : this.underWay.run();
    const next = nextState(this.state, this.#fell, this.course.goal);
    if (next) return this.#enter(next);
    if (this.course.goal) return this.#rest();
    return this.errands.next() ?? "rest";
  }

  #enter(state: State): undefined {
    const { state: from, core, course } = this;
    if (from === "idle" && course.goal === "graceful") course.goal = "start";
    if (state === "start") {
      if (this.runs.aborted) this.runs = new Deadline(core.clock, "run", Infinity);
      this.limits.warn(core, this.traits);
    }
    const span = spanOf(this, { state, from });
    this.state = state;
    this.#from = from;
    this.settled = this.#fell = false;
    if (state === "drain" || state === "exit") {
      const error = namedError("AbortError", `The run ends: ${course.why()}`);
      this.runs.abort(error, "request");
      this.guests?.ending(error);
    }
    // The other steps of a start give up at once where one fails: what they would finish is rolled back.
    const endedBy = state === "enter" || state === "start" ? "failure" : "request";
    this.underWay.begin(state, span, turnsOf(this, state), { endedBy });
    const why = state === "drain" ? ` (${course.why()})` : "";
    this.#logState(`Bus state: ${state}${why}`, { level: "info", event: "state", from });
    this.#pulse();
    this.waiters.prune(state, false, course.isEnding);
    return undefined;
  }

  #settle(): undefined {
    const { state } = this;
    const { round, mayGiveUp, deadline } = this.underWay;
    const { failures } = round!;
    const failed = failures.length > 0;
    const isGivenUp = mayGiveUp && this.course.goal !== "start";
    const ms = this.core.clock.now() - deadline!.start;
    this.underWay.end();
    this.settled = true;
    this.members.settled();
    failures.forEach((failure) => this.note(failure));
    // Held promises that are late have been named, and hold no other drain.
    if (state === "drain") this.held.clear();
    if (state === "start" && (failed || isGivenUp)) this.members.miss(failed ? "warn" : "debug");
    if (failed && mayFail(state)) this.#fall(failures[0]!.error);
    else if (!isGivenUp) this.guests?.settled(state);
    const always = state === "drain" || state === "exited" || state.endsWith("_error");
    if (always || !failed && !isGivenUp) this.waiters.pass(state, this.#failures.length > 0);
    this.waiters.prune(state, true, this.course.isEnding);
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
    this.course.fall(hasBegun && this.#onStartFailure === "idle" ? "stop" : "exit", error);
  }

  /** The goal is reached: its callers are told, and the one that waited has its turn. */
  #rest(): undefined {
    const isRestart = this.course.goal === "restart";
    this.waiters.rest(this.state, this.#failures);
    if (!isRestart) this.#failures = [];
    this.course.rest();
    if (this.state !== "exited") return undefined;
    this.members.close(new TransitionError("exited", this.state, "run", "the bus has exited"));
    void depart(this, isRestart).then(this.gone.resolve, () => this.gone.resolve(this.course.code || FAILED));
    return undefined;
  }

  /** The bus's own code has failed. That counts as a failure, and the bus goes on to its end. */
  #breakDown(error: unknown): void {
    const failure = ownFailure(this.state, error);
    logFailure(this.core, failure);
    this.note(failure);
    this.course.fall("exit", error);
    this.settled = true;
    try {
      this.underWay.end();
    } catch { /* The clock has failed: nothing is timed any more. */ }
    if (++this.#breakdowns < MOST_BREAKDOWNS) return;
    this.state = "exited";
    this.#driver = undefined;
    this.course.goal = this.course.later = undefined;
    this.waiters.rest(this.state, this.#failures, true);
    this.gone.resolve(this.course.code || FAILED);
  }

  readonly note = (failure: Failure): void => {
    this.#failures.push(failure);
    this.hasFailed = true;
  };

  #logState(message: string, details: LogDetails): void {
    const { goal, reason: { by, name } } = this.course;
    this.core.log(message, { ...details, goal, by, ...name !== undefined && { name } });
  }

  /** Shows the platform the state; what that fails with stops nothing. */
  #pulse(): void {
    callAndWatch(
      () => this.platform.pulse?.(this.state, this.settled),
      (error) => this.core.log(`The platform's pulse failed: ${textOf(error)}`, { level: "error", error }),
    );
  }

  abandon(reason: string): void {
    if (!this.#driver || this.state === "exited" && this.settled) return;
    const error = new Error(
      `Cannot finish "${this.state}": it was abandoned, the context that drove it is gone: ${reason}`,
    );
    this.#driver = undefined;
    this.underWay.abandon(error, () => this.span(this.state));
    if (this.settled) this.underWay.end();
    this.errands.abandon(error);
    this.held.clear();
    this.drive();
  }

  // ---- what the parts need

  get deadlineEnd(): number | undefined {
    return this.underWay.deadline?.end;
  }

  attach(): ReturnType<Platform["attach"]> {
    return this.platform.attach(makeControl(this));
  }

  readonly span = (state: State): Span => spanOf(this, { state, from: this.#from });

  beginWork(members: readonly Member[]): void {
    beginWork(this, members);
  }

  perform(action: Action, steps: () => readonly Step[]): Promise<readonly Failure[]> {
    const span = spanOf(this, { state: action, from: this.state, isErrand: true });
    return this.underWay.perform(action, span, steps);
  }

  limitErrand(errand: Errand, what: "reload" | "settle", mayGiveUp: boolean): Deadline {
    // A listener that has prepared too late is rolled back beside the action that is under way then.
    if (errand !== this.errands.current) return limitFor(this, "run", this.limits.of(what));
    const deadline = limitFor(this, "run", this.limits.begin(what, this.core.clock.now(), true));
    this.underWay.cover(deadline, mayGiveUp);
    return deadline;
  }

  endErrand(errand: Errand): void {
    if (errand === this.errands.current) this.underWay.end();
  }

  restarted(failures: readonly Failure[]): void {
    failures.forEach((failure) => this.note(failure));
    this.waiters.rest(this.state, this.#failures, true);
  }

  report(): BusReport {
    return reportOf(this, this.underWay.deadline);
  }
}
