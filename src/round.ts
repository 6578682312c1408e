/**
 * One round: named steps, called one after another, or side by side in the order of their dependencies, under
 * one deadline. Everything that a bus calls and waits for is a round: listeners, components, reloads, checks, the end.
 * @module
 */
import { adopt, type Settled } from "./_adopt.ts";
import type { Channel, Listener } from "./channel.ts";
import { Deadline } from "./deadline.ts";
import { type Failure, namedError, textOf } from "./errors.ts";
import type { Owner } from "./owner.ts";
import type { Clock } from "./platform.ts";
import type { LogDetails, PendingCall } from "./records.ts";

/** What is called: a listener on its channel, a component, or a piece of the bus itself. */
export interface Step {
  readonly name: string;
  readonly listener: Listener<never[]>;
  readonly priority?: number;
  /** Milliseconds after which the round goes on without it. */
  readonly within?: number | undefined;
  /** The guest that it belongs to. Unless the round counts them, its failures are logged and no more. */
  readonly owner?: Owner | undefined;
  /** Of a listener: the channel that it is removed from where it runs once, and whether it has been removed. */
  readonly channel?: Channel;
  readonly once?: boolean;
  readonly removed?: boolean;
  /** Of steps side by side: how many it still waits for, and the steps that wait for it. */
  waits?: number;
  followers?: Step[] | undefined;
  /** Called with the call, where it is given, instead of the listener. */
  act?(argument: never, call: Call): unknown;
  /** Told what its call came to: a failure or a value. */
  done?(call: Call, failure: Failure | undefined, value: unknown): void;
  /** Told how its call has settled after the round had gone on without it. */
  late?(call: Call, failed: boolean, value: unknown): void;
  /** What it waits for, by name, where that says more than its own name. */
  pending?(): readonly string[];
}

/** A step, or what makes steps that run side by side when their turn comes. */
export type Turn = Step | ((round: Round) => readonly Step[]);

/** What rounds need of their bus. */
export interface RoundHost {
  readonly clock: Clock;
  /** The rounds with calls that are waited for, and the calls that are late and have not settled. */
  readonly rounds: Set<Round>;
  readonly late: Set<Call>;
  log(message: string, details: LogDetails, owner?: Owner): void;
}

/** How a round treats its steps. */
export interface Rules {
  /** Calls one step. */
  call(step: Step, call: Call): unknown;
  /** Told of each step that succeeded, and of what it returned. */
  done?(value: unknown, step: Step): void;
  /** What ends the round before its last step: a request that aborts its deadline, or a failure as well, which aborts it. */
  readonly endedBy?: "request" | "failure";
  /** Told what a step returned that the round had gone on without. */
  late?(value: unknown): void;
  /** Whether its failures are neither logged nor kept: the steps tell them. */
  readonly isQuiet?: boolean;
  /** Whether a guest's failure is one of the round. Default: where the guest is critical. */
  counts?(owner: Owner): boolean;
}

/** One call of one step. */
export class Call {
  readonly step: Step;
  /** The channel that it was called on. */
  readonly channel: string;
  readonly since: number;
  /** Its own deadline, where it has one and is not late. */
  own: Deadline | undefined;
  /** The round that waits for it; undefined once it is late. */
  round: Round | undefined;
  settled = false;
  /** Told, with the step, how it settles once it is late. */
  onLate: ((value: unknown) => void) | undefined = undefined;

  constructor(round: Round, step: Step, since: number, own: Deadline | undefined) {
    this.round = round;
    this.channel = round.name;
    this.step = step;
    this.since = since;
    this.own = own;
  }

  get isLate(): boolean {
    return this.round === undefined;
  }
}

/** A round is data, so that another driver may go on where one died. */
export class Round {
  readonly name: string;
  deadline: Deadline | undefined;
  /** The failures so far; a step that was aborted by a request has not failed. */
  readonly failures: Failure[] = [];
  /** The calls that returned something to wait for. */
  readonly calls: Call[] = [];
  readonly #host: RoundHost;
  readonly #rules: Rules;
  readonly #turns: readonly Turn[];
  #at = 0;
  /** The steps side by side that may begin. */
  #ready: Step[] = [];
  #readyAt = 0;
  /** How many calls are waited for. */
  #open = 0;
  #isAdvancing = false;
  #isAbandoning = false;
  #onEnd: (() => void) | undefined = undefined;

  constructor(host: RoundHost, name: string, turns: readonly Turn[], rules: Rules, deadline?: Deadline) {
    this.#host = host;
    this.name = name;
    this.#turns = turns;
    this.#rules = rules;
    this.#waitWithin(deadline);
  }

  /** Calls the steps from where the round stands, then `then`, unless another driver took over. */
  run(then: () => void): void {
    this.#onEnd = then;
    this.#advance();
  }

  /** The same, as a promise that never rejects. */
  ran(): Promise<void> {
    return new Promise((resolve) => this.run(resolve));
  }

  /** Fails the pending calls: their driver died. A further `run` goes on with the other steps, under `deadline`. */
  abandon(error: Error, deadline: Deadline): void {
    this.#onEnd = undefined;
    this.deadline?.abort(error, "request");
    this.deadline?.close();
    this.#waitWithin(deadline);
    this.#isAbandoning = true;
    for (const call of this.calls.slice()) this.leave(call, error);
    this.#isAbandoning = false;
  }

  /** Goes on without a call that has not settled: its time is over, or (`error`) its driver is gone. */
  leave(call: Call, error?: Error): void {
    if (call.round !== this || call.settled) return;
    call.round = undefined;
    const { late } = this.#rules;
    if (late) call.onLate = late;
    this.#host.late.add(call);
    const text = `${titleOf(call)} still runs after ${this.#msOf(call)} ms`;
    this.#end(call, true, error ?? namedError("TimeoutError", text), true);
    call.own = undefined;
  }

  /** Calls one step, beside those that the round has. */
  begin(step: Step): void {
    const { name, within } = step;
    const { clock } = this.#host;
    const { deadline } = this;
    const own = within === undefined || !deadline
      ? undefined
      : new Deadline(clock, name, within, { whole: deadline });
    const call = new Call(this, step, own ? own.start : clock.now(), own);
    this.#open++;
    let value: unknown;
    try {
      value = this.#rules.call(step, call);
    } catch (error) {
      return this.#end(call, true, error);
    }
    // Most settle at once.
    if (!adopt(value, settlerOf(this.#host, call))) {
      return this.#end(call, false, value);
    }
    if (call.settled) return;
    if (this.calls.push(call) === 1) this.#host.rounds.add(this);
    if (own) own.onOver = () => leaveSoon(call);
    if ((own ?? deadline)?.over) leaveSoon(call);
    else own?.watch();
  }

  /** Adds a step to those side by side: the ones of `before` that have not begun wait for it. */
  add(step: Step, before: readonly Step[]): void {
    step.followers = before.slice();
    for (const next of before) next.waits = (next.waits ?? 0) + 1;
    this.#ready.push(step);
    this.#advance();
  }

  /** A call that is waited for has settled. */
  settled(call: Call, failed: boolean, value: unknown): void {
    this.#end(call, failed, value);
  }

  #waitWithin(deadline: Deadline | undefined): void {
    this.deadline = deadline;
    if (deadline) deadline.onOver = () => this.calls.forEach(leaveSoon);
  }

  #advance(): void {
    if (this.#isAdvancing || this.#isAbandoning) return;
    this.#isAdvancing = true;
    const { deadline } = this;
    try {
      while (!this.#isEnded()) {
        const step = this.#readyAt < this.#ready.length ? this.#ready[this.#readyAt++] : this.#next();
        if (!step) break;
        this.begin(step);
      }
      if (this.#open > 0) deadline?.watch();
    } catch (error) {
      this.#giveUp(error);
    }
    this.#isAdvancing = false;
    if (this.#open > 0) return;
    this.#host.rounds.delete(this);
    this.#onEnd?.();
  }

  #isEnded(): boolean {
    const { endedBy } = this.#rules;
    return endedBy !== undefined &&
      (this.deadline!.aborted === "request" || endedBy === "failure" && this.failures.length > 0);
  }

  #next(): Step | undefined {
    while (this.#open === 0 && this.#at < this.#turns.length) {
      const turn = this.#turns[this.#at++]!;
      if (typeof turn !== "function") {
        if (turn.removed) continue;
        if (turn.once) turn.channel!.remove(turn.listener);
        return turn;
      }
      // By index: as long as a loop is not compiled, for-of makes an object of each turn.
      const steps = turn(this);
      const ready: Step[] = this.#ready = [];
      for (let at = 0; at < steps.length; at++) if (!steps[at]!.waits) ready.push(steps[at]!);
      this.#readyAt = Math.min(1, ready.length);
      if (ready.length > 0) return ready[0];
    }
    return undefined;
  }

  /** Something of the bus itself has failed: the round ends, and says so as a failure. */
  #giveUp(error: unknown): void {
    this.#at = this.#turns.length;
    this.#ready = [];
    this.#readyAt = this.#open = 0;
    for (const call of this.calls) call.round = undefined;
    this.#fail({ channel: this.name, listener: "the bus itself", kind: "throw", ms: 0, error }, undefined);
  }

  #end(call: Call, failed: boolean, value: unknown, isLate = false): void {
    const { step, own } = call;
    const rules = this.#rules;
    call.settled = !isLate;
    this.#open--;
    try {
      if (own) {
        own.onOver = undefined;
        own.close();
      }
      const failure = failed ? this.#failureOf(call, value, isLate) : undefined;
      step.done?.(call, failure, value);
      if (!failure) rules.done?.(value, step);
      else if (!rules.isQuiet && (this.#isAbandoning || failure.kind !== "abort")) {
        this.#fail(failure, step.owner);
      }
      const { followers } = step;
      if (followers) { for (const next of followers) if (--next.waits! === 0) this.#ready.push(next); }
    } catch (error) {
      this.#giveUp(error);
    }
    if (!this.#isAdvancing && (this.#open === 0 || this.#readyAt < this.#ready.length)) this.#advance();
  }

  #fail(failure: Failure, owner: Owner | undefined): void {
    logFailure(this.#host, failure, owner);
    if (owner && !(this.#rules.counts?.(owner) ?? owner.isCritical)) return;
    this.failures.push(failure);
    if (this.#rules.endedBy === "failure") this.deadline!.abort(failure.error, "request");
  }

  #failureOf(call: Call, error: unknown, isLate: boolean): Failure {
    const { step: { name }, own = this.deadline, since } = call;
    const kind = !isLate ? kindOf(error, own) : this.#isAbandoning ? "abort" : "timeout";
    return { channel: this.name, listener: name, kind, ms: this.#host.clock.now() - since, error };
  }

  #msOf({ since }: Call): number {
    return Math.round(this.#host.clock.now() - since);
  }
}

/** The pending calls of a bus: those that rounds wait for, then the late ones. */
export function pendingCalls({ rounds, late }: RoundHost): Call[] {
  return [
    ...[...rounds].flatMap(({ calls }) => calls.filter(({ settled, isLate }) => !settled && !isLate)),
    ...late,
  ];
}

/** The same by name, for records and reports. */
export function describePending(host: RoundHost): PendingCall[] {
  const now = host.clock.now();
  return pendingCalls(host).flatMap(({ step, channel, since }) =>
    (step.pending?.() ?? [step.name]).map((listener) => ({ listener, channel, ms: now - since }))
  );
}

/** Every failure is logged, so that no caller must look at the promise it got. */
export function logFailure(host: Pick<RoundHost, "log">, failure: Failure, owner?: Owner): void {
  const { listener, channel, error } = failure;
  host.log(`"${listener}" on "${channel}" failed: ${textOf(error)}`, {
    level: "error",
    event: "failure",
    ...failure,
  }, owner);
}

/** What is told how a call settles. Not made in the round: a call that hangs would keep all of that round. */
function settlerOf(host: RoundHost, call: Call): Settled {
  return (failed, value) => settle(host, call, failed, value);
}

/** Calls that settle once their round has gone on are told and logged here: the round itself may be gone. */
function settle(host: RoundHost, call: Call, failed: boolean, value: unknown): void {
  const { round, step, channel, since } = call;
  if (round) return round.settled(call, failed, value);
  call.settled = true;
  if (!host.late.delete(call)) return;
  const ms = host.clock.now() - since;
  host.log(`${titleOf(call)} settled late, after ${Math.round(ms)} ms`, {
    level: "warn",
    event: "late",
    listener: step.name,
    channel,
    ms,
    ...failed && { error: value },
  }, step.owner);
  try {
    step.late?.(call, failed, value);
    if (!failed) call.onLate?.(value);
  } catch (error) {
    host.log(`${titleOf(call)} could not be undone: ${textOf(error)}`, { level: "error", error });
  }
}

function titleOf({ step, channel }: Call): string {
  return `"${step.name}" on "${channel}"`;
}

/** Out of time nothing is awaited, but a call that has settled already is not called late. */
function leaveSoon(call: Call): void {
  void Promise.resolve().then().then(() => call.round?.leave(call));
}

/** A call that rejects because its signal aborted says why by it: a request is `abort`, the clock `timeout`. */
function kindOf(error: unknown, deadline: Deadline | undefined): Failure["kind"] {
  const by = deadline?.aborted;
  if (!by) return "throw";
  try {
    const { name, cause } = Object(error) as { name?: unknown; cause?: unknown };
    const { reason } = deadline!;
    // Where a listener that failed with nothing ended the round, the signal's own reason is an AbortError.
    const isReason = reason !== undefined && (error === reason || cause === reason);
    const isNamed = name === "AbortError" || by === "time" && name === "TimeoutError";
    if (!isReason && !isNamed) return "throw";
  } catch {
    // A getter of the error throws.
    return "throw";
  }
  return by === "request" ? "abort" : "timeout";
}
