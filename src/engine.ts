/**
 * The engine: drives a bus from state to state towards its goal, one phase at a time. What is asked of it
 * is data (a state, a goal, the calls that wait), never a promise chain: where the context of one driver
 * dies, a later call drives on from where it stood.
 * @module
 */
import { Calls } from "./_calls.ts";
import { Components } from "./_components.ts";
import { makeControl } from "./_control.ts";
import type { BusReport, Core } from "./_core.ts";
import { defer, type Deferred, rejected } from "./_deferred.ts";
import { Errands } from "./_errands.ts";
import { Held } from "./_held.ts";
import { leave } from "./_leave.ts";
import { Limits } from "./_limits.ts";
import type { Action, Node } from "./_node.ts";
import type { Call, Entry } from "./channel.ts";
import { Deadline, namedError } from "./deadline.ts";
import { type Failure, textOf, TraitError, TransitionError } from "./errors.ts";
import { makePhase, type Span } from "./phase.ts";
import type { Platform, RestartPlan } from "./platform.ts";
import type { ProcessBusOptions } from "./process_bus.ts";
import { Round } from "./round.ts";
import { atLeast, type Goal, isEnd, mayFail, nextState, type Reason, type State } from "./states.ts";

/** Drives one process bus. What others of `src/` need of it is open to them; no user ever holds it. */
export class Engine {
  readonly core: Core;
  readonly platform: Platform;
  readonly limits: Limits;
  readonly calls: Calls = new Calls();
  readonly components: Components;
  readonly errands: Errands;
  readonly held: Held;
  /** Resolves to the exit code once the platform has left. */
  readonly gone: Deferred<number> = defer();
  state: State = "initial";
  settled = true;
  goal: Goal | undefined;
  /** Lasts from `start` until `drain`. */
  runs: Deadline;
  /** Of what runs now, be it phase or errand; and whether a stronger goal may end it. */
  deadline: Deadline | undefined;
  #mayGiveUp = false;
  #round: Round | undefined;
  /** The failures of the transition under way. */
  failures: Failure[] = [];
  /** The exit code asked for, whether anything has failed, and the signal that forced the end. */
  code = 0;
  failed = false;
  forcedBy: Reason | undefined;
  plan: RestartPlan = {};
  readonly #onStartFailure: "exit" | "idle";
  /** A weaker goal that waits for its turn. */
  later: Goal | undefined;
  #reason: Reason = { by: "call" };
  /** Whether the state it stands in has failed, which changes the path. */
  #fell = false;
  #driver: object | undefined;
  #warned = false;

  constructor(core: Core, options: ProcessBusOptions) {
    const { platform } = options;
    this.core = core;
    this.platform = platform;
    this.limits = new Limits(options, platform);
    this.#onStartFailure = options.onStartFailure ?? platform.defaults?.onStartFailure ?? "exit";
    this.runs = new Deadline(core.clock, "run", Infinity, Infinity);
    this.components = new Components(this);
    this.errands = new Errands(this);
    this.held = new Held(core);
  }

  /** Whether the bus is bound for its end. */
  get ending(): boolean {
    return isEnd(this.goal) || this.state === "exited";
  }

  /** Asks for a goal on behalf of a caller, whose promise settles with it. */
  call(goal: Goal, reason: Reason): Promise<void> {
    const refused = this.#refusal(goal);
    if (refused) return rejected(refused);
    if (this.isInside()) {
      this.request(goal, reason);
      return rejected(this.error("reentrant", goal, "the phase under way asked and would wait for itself"));
    }
    if (this.#isThere(goal)) return Promise.resolve();
    const promise = this.calls.add(goal, this.goal);
    this.request(goal, reason);
    return promise;
  }

  /** Asks for a goal; a weaker one than the present waits for its turn. */
  request(goal: Goal, reason: Reason): void {
    this.code ||= reason.code ?? 0;
    const refused = this.#refusal(goal);
    if (refused) {
      const level = refused instanceof TraitError ? "warn" : "info";
      this.core.log(refused.message, { level, error: refused });
    } else if (this.goal && !atLeast(goal, this.goal)) {
      // From idle, graceful and start are the same way.
      this.later = goal;
    } else if (!this.#isThere(goal) && this.state !== "exited") {
      if (goal !== this.goal) this.#turn(goal, reason);
      if (this.later && atLeast(goal, this.later)) this.later = undefined;
      this.calls.supersede(goal, this.state);
    }
    this.notice(reason);
    this.calls.prune(this.state, this.settled, this.ending);
    this.drive();
  }

  /** Asks for a restart with a plan; the latest one counts. */
  restart(plan: RestartPlan): Promise<void> {
    if (!this.#refusal("restart")) this.plan = plan;
    return this.call("restart", { by: "call" });
  }

  /** The goal, the generation and the components, as a report has them. */
  inspect(): Omit<BusReport, "bus" | "channels"> {
    const { state } = this;
    const goal = this.goal && { goal: this.goal };
    return { state, ...goal, generation: this.errands.generation, components: this.components.inspect() };
  }

  /** A component's `run` has ended or failed while the bus runs. */
  ended(failure: Failure): void {
    this.core.logFailure(failure);
    this.note(failure);
    this.request("exit", { by: "error", code: 70, error: failure.error });
  }

  /** Calls `body` as a part of what runs now. */
  within<T>(body: () => T): T {
    const { context } = this.platform;
    return context && this.deadline ? context.run(this.deadline, body) : body();
  }

  /** Whether the caller is what runs now, so that it would wait for itself. */
  isInside(): boolean {
    return this.deadline !== undefined && this.platform.context?.get() === this.deadline;
  }

  /** Makes the time of something, and the phase as its listeners see it. */
  span(state: State): Span {
    const deadline = this.limit(state, this.limits.of(state), this.limits.atMost(state));
    const request = this.request.bind(this);
    const { core } = this;
    const log = core.log.bind(core);
    const facts = { state, from: this.state, reason: this.#reason, clock: core.clock, request, log };
    return { deadline, phase: (limit) => makePhase(facts, deadline, limit) };
  }

  /** Fails what the driver that died had under way, and goes on from this call. */
  abandon(reason: string): void {
    if (!this.#driver || this.state === "exited" && this.settled) return;
    const error = new Error(
      `Cannot finish "${this.state}": it was abandoned, the context that drove it is gone: ${reason}`,
    );
    if (this.#round) this.#round.abandon(error);
    else {
      // A reload has rounds of its own: it ends, and undoes what it prepared, where it still can.
      this.deadline?.abort(error, "request");
      this.deadline?.finish();
    }
    if (this.settled) this.end();
    else this.deadline?.close();
    this.errands.abandon(error);
    this.held.clear();
    this.#driver = undefined;
    this.drive();
  }

  /** Whether the bus rests where the goal leads. */
  #isThere(goal: Goal): boolean {
    const { state } = this;
    if (this.goal || !this.settled) return false;
    return goal === "start"
      ? state === "run"
      : goal === "stop"
      ? state !== "run"
      : goal === "exit" && state === "exited";
  }

  /** Why a goal cannot be reached from here. */
  #refusal(goal: Goal): Error | undefined {
    if (goal === "exit") return;
    if (this.state === "exited") return this.error("exited", goal, "the bus has exited");
    if (isEnd(this.goal) && !atLeast(goal, this.goal!)) {
      return this.error("unreachable", goal, `"${this.goal}" was asked before`);
    }
    if (goal !== "restart" || this.platform.respawn || this.core.channel(goal).entries.length > 0) return;
    const why = `the platform "${this.platform.name}" has no "respawn", and the channel no listener`;
    return new TraitError("respawn", true, undefined, `Cannot restart: ${why}`);
  }

  error(kind: TransitionError["kind"], target: string, why: string): TransitionError {
    return new TransitionError(kind, this.state, target, why);
  }

  /** Turns to a stronger goal: what is under way is given up, and waited for no longer than `settle`. */
  #turn(goal: Goal, reason: Reason): void {
    this.goal = goal;
    this.#reason = reason;
    const opening = this.state === "enter" || this.state === "idle";
    if (goal === "start" || !(this.#mayGiveUp || opening && isEnd(goal))) return;
    this.deadline?.abort(namedError("AbortError", `"${this.state}" is given up: ${this.#why()}`), "request");
    this.deadline?.tighten(this.core.clock.now() + this.limits.of("settle"));
  }

  /** Shortens what runs now, and what is still to come, to the time that the host leaves. */
  notice({ leftMs }: Reason): void {
    if (leftMs === undefined || !this.limits.shorten(this.core.clock.now(), Math.max(0, leftMs))) return;
    this.deadline?.tighten(this.limits.end(this.state));
  }

  limit(state: State, ms: number, atMost: number = ms): Deadline {
    const deadline = new Deadline(this.core.clock, state, ms, atMost);
    deadline.tighten(this.limits.end(state));
    return deadline;
  }

  /** Lets one driver run where none does. */
  drive(): void {
    if (this.#driver) return;
    const driver = this.#driver = {};
    this.#run(driver).catch((error) => {
      this.core.log(`The engine failed in "${this.state}": ${textOf(error)}`, { level: "error", error });
    });
  }

  async #run(driver: object): Promise<void> {
    while (driver === this.#driver) {
      const next = this.settled ? nextState(this.state, this.#fell, this.goal) : undefined;
      if (!this.settled) {
        await this.#round!.run();
        if (driver === this.#driver) this.#settle();
      } else if (next) this.#enter(next);
      else if (this.goal) this.#rest();
      else {
        // Nothing is awaited between finding no errand and the end: what comes later finds no driver.
        const errand = this.errands.next();
        if (errand) await errand;
        else this.#driver = undefined;
      }
    }
  }

  #enter(state: State): void {
    const from = this.state;
    if (from === "idle" && this.goal === "graceful") this.goal = "start";
    if (state === "start") this.#renewRun();
    const span = this.span(state);
    this.state = state;
    this.settled = this.#fell = false;
    if (state === "drain" || state === "exit") {
      this.runs.abort(namedError("AbortError", `The run ends: ${this.#why()}`), "request");
    }
    this.#begin(state, span, this.#entries(state));
    this.core.log(`Bus state: ${state}`, { from });
    this.#pulse();
    this.calls.prune(state, false, this.ending);
  }

  /** Makes the round of what runs now. */
  #begin(state: State, span: Span, entries: readonly Entry[]): Round {
    const { deadline } = span;
    const phase = span.phase(deadline);
    const first = state === "enter" || state === "start";
    this.cover(deadline, state === "start" || state === "run");
    const call = ({ entry, own, since }: Call) => {
      const given = own ? span.phase(own) : phase;
      if (entry.act) return entry.act(given, since);
      const { listener } = entry;
      return listener(given as never);
    };
    return this.#round = new Round(this.core.channel(state), {
      deadline,
      entries,
      call: this.platform.context ? (one) => this.within(() => call(one)) : call,
      // The others of a start give up at once: what they would finish is rolled back.
      failed: ({ error }) => first && deadline.abort(error, "request"),
      ended: ({ length }) => deadline.aborted === "request" || first && length > 0,
    });
  }

  /** What runs now has this deadline, and may be given up or not. */
  cover(deadline: Deadline, mayGiveUp: boolean): void {
    this.deadline = deadline;
    this.#mayGiveUp = mayGiveUp;
  }

  /** What ran is over. */
  end(): void {
    this.deadline?.close();
    this.#round = this.deadline = undefined;
  }

  /** Does one thing with one component while the bus rests; returns the failures. */
  async perform(action: Action, node: Node): Promise<readonly Failure[]> {
    const round = this.#begin(action, this.span(action), this.components.entries(action, node));
    await round.run();
    // Another driver may have gone on in between.
    if (this.#round === round) this.end();
    return round.failures;
  }

  /** The listeners of a state, with what else is done in it. */
  #entries(state: State): readonly Entry[] {
    const { entries } = this.core.channel(state);
    const { components } = this;
    if (state === "enter") {
      return [entry("attach", () => this.platform.attach(makeControl(this))), ...entries];
    }
    if (state !== "start" && state !== "run" && state !== "drain" && state !== "stop") return entries;
    const parts = () => state === "run" ? components.run() : components.entries(state);
    const all = [
      ...entries.filter(({ priority }) => priority < 50),
      { ...entry("components", () => {}), parts },
      ...entries.filter(({ priority }) => priority >= 50),
    ];
    // Names and cycles are checked before anything starts, whatever its priority.
    if (state === "start") return [entry("components", () => components.verify()), ...all];
    return state === "drain" ? [...all, entry("hold", () => this.held.settle())] : all;
  }

  #settle(): void {
    const { state } = this;
    const { failures } = this.#round!;
    const failed = failures.length > 0;
    const givenUp = this.#mayGiveUp && this.goal !== "start";
    this.end();
    this.settled = true;
    failures.forEach((failure) => this.note(failure));
    // Who was held and is late now has been named, and holds no other drain.
    if (state === "drain") this.held.clear();
    if (state === "start" && (failed || givenUp)) this.components.miss(failed ? "warn" : "debug");
    if (failed && mayFail(state)) this.#fall(failures[0]!.error);
    const always = state === "drain" || state === "exited" || state.endsWith("_error");
    if (always || !failed && !givenUp) this.calls.pass(state, this.failures.length > 0);
    this.calls.prune(state, true, this.ending);
    this.#pulse();
  }

  /** Shows the platform where the bus stands; what that fails with stops nothing. */
  #pulse(): void {
    try {
      this.platform.pulse?.(this.state, this.settled);
    } catch (error) {
      this.core.log(`The platform's pulse failed: ${textOf(error)}`, { level: "error", error });
    }
  }

  /** A failure changes the path, and with it the goal. */
  #fall(error: unknown): void {
    this.#fell = true;
    const started = this.state === "start" || this.state === "run";
    const goal = started && this.#onStartFailure === "idle" ? "stop" : "exit";
    if (isEnd(this.goal) || this.goal && atLeast(this.goal, goal)) return;
    this.goal = goal;
    this.#reason = { by: "error", error };
    if (goal === "exit") this.later = undefined;
  }

  /** The goal is reached: its callers are served, and the one that waited has its turn. */
  #rest(): void {
    const restart = this.goal === "restart";
    this.calls.rest(this.state, this.failures);
    if (!restart) this.failures = [];
    this.goal = this.later;
    this.later = undefined;
    this.#reason = { by: "call" };
    if (this.state !== "exited") return;
    this.components.close(this.error("exited", "run", "the bus has exited"));
    void leave(this, restart).then(this.gone.resolve);
  }

  #renewRun(): void {
    if (this.runs.aborted) this.runs = new Deadline(this.core.clock, "run", Infinity, Infinity);
    const warning = this.limits.warning(this.platform.traits);
    if (warning && !this.#warned) this.core.log(warning, { level: "warn" });
    this.#warned = true;
  }

  note(failure: Failure): void {
    this.failures.push(failure);
    this.failed = true;
  }

  #why(): string {
    const { by, name = by } = this.#reason;
    return `${this.goal} was asked by ${name}`;
  }
}

function entry(name: string, listener: Entry["listener"]): Entry {
  return { name, listener, priority: 50 };
}
