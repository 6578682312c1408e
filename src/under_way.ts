/**
 * The action that is under way, a phase or an errand: its round, its deadline, and whether a stronger goal may give it up.
 * @module
 */
import type { Core } from "./core.ts";
import type { Deadline } from "./deadline.ts";
import type { Failure } from "./errors.ts";
import type { Limits } from "./limits.ts";
import type { Action } from "./member.ts";
import type { Phase } from "./phase.ts";
import type { Platform } from "./platform.ts";
import type { Call, Step } from "./call.ts";
import { Round, type Rules, type Turn } from "./round.ts";
import type { Span } from "./spans.ts";
import type { State } from "./states.ts";

/** The action that is under way in one bus; there is one at a time. */
export class UnderWay {
  deadline: Deadline | undefined = undefined;
  round: Round | undefined = undefined;
  /** Whether the round is through. */
  isThrough = false;
  readonly #core: Core;
  readonly #limits: Limits;
  readonly #context: Platform["context"];
  #mayGiveUp = false;
  /** The span and the phase that the steps of the round get; others once a driver has died. */
  #given: { span: Span; phase: Phase } | undefined = undefined;

  constructor(core: Core, limits: Limits, context: Platform["context"]) {
    this.#core = core;
    this.#limits = limits;
    this.#context = context;
  }

  /** Whether a stronger goal may give it up. */
  get mayGiveUp(): boolean {
    return this.deadline !== undefined && this.#mayGiveUp;
  }

  /** Makes the round of what is under way from now on. */
  begin(name: string, span: Span, turns: readonly Turn[], rules: Omit<Rules, "call">): Round {
    this.cover(span.deadline, name === "start" || name === "run");
    const given = this.#given = { span, phase: span.phase(span.deadline) };
    const call = (step: Step, one: Call) => {
      const phase = (one.own ? given.span.phase(one.own) : given.phase) as never;
      if (step.act) return step.act(phase, one);
      // A plain function: nothing of the bus is its `this`.
      const { listener } = step;
      return listener(phase);
    };
    this.isThrough = false;
    return this.round = new Round(this.#core, name, turns, {
      ...rules,
      call: this.#context ? (step, one) => this.within(() => call(step, one)) : call,
    }, span.deadline);
  }

  /** Begins an action that has no round of its own here. */
  cover(deadline: Deadline, mayGiveUp: boolean): void {
    this.deadline = deadline;
    this.#mayGiveUp = mayGiveUp;
  }

  /** Runs the round, or what is left of it; resolves when it is through, unless another driver takes over. */
  run(): Promise<void> {
    return new Promise((resolve) =>
      this.round!.run(() => {
        this.isThrough = true;
        resolve();
      })
    );
  }

  /** Does one thing with components while the bus rests; resolves to the failures, those of guests among them. */
  async perform(action: Action, span: Span, steps: () => readonly Step[]): Promise<readonly Failure[]> {
    const round = this.begin(action, span, [steps], {
      endedBy: action === "start" ? "failure" : "request",
      counts: () => true,
    });
    await round.ran();
    // Another driver may have gone on in between.
    if (this.round === round) this.end();
    return round.failures;
  }

  /** Ends the action that is under way. */
  end(): void {
    this.deadline?.close();
    this.#limits.ended(this.#core.clock.now());
    this.round = this.deadline = this.#given = undefined;
  }

  /** Gives it up: its signals abort, and it is waited for no longer than for `settle`. */
  giveUp(error: Error): void {
    this.deadline?.abort(error, "request");
    this.deadline?.tighten(this.#core.clock.now() + this.#limits.of("settle"));
  }

  /** The end was asked for: it has no time of its own any more, unless it is `drain`, `stop` or `exit`. */
  bound(state: State, isErrand: boolean): void {
    const { deadline } = this;
    // Where nothing is under way, nothing uses up the time of `settle`.
    const end = this.#limits.endAsked(
      deadline ? state : "drain",
      this.#core.clock.now(),
      !!deadline && isErrand,
    );
    deadline?.tighten(end);
  }

  /** Fails its pending calls, whose driver has died. What is left of the round goes on in the time of `fresh`. */
  abandon(error: Error, fresh: () => Span): void {
    const { round, deadline } = this;
    if (!round) {
      // A reload has rounds of its own: it ends, and undoes what it has prepared, where it still can.
      deadline?.abort(error, "request");
      deadline?.finish();
      return this.end();
    }
    this.#limits.ended(this.#core.clock.now());
    const span = fresh();
    span.deadline.tighten(deadline!.end);
    this.#given!.span = span;
    this.#given!.phase = span.phase(span.deadline);
    this.deadline = span.deadline;
    round.abandon(error, span.deadline);
  }

  /** Whether the caller is what is under way, so that it would wait for itself. */
  isInside(): boolean {
    return this.deadline !== undefined && this.#context?.get() === this.deadline;
  }

  /** Calls `body` as a part of what is under way. */
  readonly within = <T>(body: () => T): T => {
    return this.#context && this.deadline ? this.#context.run(this.deadline, body) : body();
  };
}
