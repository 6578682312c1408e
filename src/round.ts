/**
 * One round: named steps, called one after another, or side by side in the order of their dependencies, under
 * one deadline. Everything that a bus calls and waits for is a round: listeners, components, reloads, checks, the end.
 * @module
 */
import { adopt } from "./_adopt.ts";
import { Call, type CallHost, type CallRound, logFailure, settledOf, type Step } from "./call.ts";
import { Deadline } from "./deadline.ts";
import { type Failure, namedError, ownFailure } from "./errors.ts";
import type { Owner } from "./owner.ts";

/** A step, or what makes steps that run side by side when their turn comes. */
export type Turn = Step | ((round: Round) => readonly Step[]);

/** How a round treats its steps. */
export interface Rules {
  /** Calls one step. */
  call(step: Step, call: Call): unknown;
  /** Called with each step that succeeded, and with its result. */
  done?(value: unknown, step: Step): void;
  /** The event that ends the round before its last step: a request that aborts its deadline, or also a failure. */
  readonly endedBy?: "request" | "failure";
  /** Called with the result of a step that the round had gone on without. */
  late?(value: unknown): void;
  /** Whether its failures are neither logged nor kept: the steps tell them. */
  readonly isQuiet?: boolean;
  /** Whether a guest's failure is one of the round. Default: where the guest is critical. */
  counts?(owner: Owner): boolean;
}

/** A round is data, so that another driver may go on where one died. */
export class Round implements CallRound {
  readonly name: string;
  deadline: Deadline | undefined;
  /** The failures so far; a step that was aborted by a request has not failed. */
  readonly failures: Failure[] = [];
  /** The calls that returned something to wait for. */
  readonly calls: Call[] = [];
  readonly #host: CallHost;
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

  constructor(host: CallHost, name: string, turns: readonly Turn[], rules: Rules, deadline?: Deadline) {
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
    this.#letGo(call);
    const text = `${call.title} still runs after ${this.#msOf(call)} ms`;
    this.#end(call, true, error ?? namedError("TimeoutError", text), true);
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
    if (!adopt(value, settledOf(this.#host, call))) return this.#end(call, false, value);
    if (call.settled) return;
    if (this.calls.push(call) === 1) this.#host.rounds.add(this);
    if (own) own.onOver = () => leaveSoon(call);
    if ((own ?? deadline)?.over) {
      call.hadTime = false;
      leaveSoon(call);
    } else own?.watch();
  }

  /** Adds a step to those side by side: the ones of `before` that have not begun wait for it. */
  add(step: Step, before: readonly Step[]): void {
    step.followers = before.slice();
    for (const next of before) next.waits = (next.waits ?? 0) + 1;
    this.#ready.push(step);
    this.#advance();
  }

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

  /** The bus's own code has failed: the round ends with that failure. */
  #giveUp(error: unknown): void {
    this.#at = this.#turns.length;
    this.#ready = [];
    this.#readyAt = this.#open = 0;
    const failure = ownFailure(this.name, error);
    for (const call of this.calls) {
      if (call.round !== this || call.settled) continue;
      this.#letGo(call);
      const { step } = call;
      try {
        step.done?.(call, { ...failure, listener: step.name }, undefined);
      } catch { /* The failure of the bus itself is told below. */ }
    }
    this.#fail(failure, undefined);
  }

  /** The call is late from now on: one that hangs keeps neither its round nor a deadline. */
  #letGo(call: Call): void {
    call.round = undefined;
    const { late } = this.#rules;
    if (late) call.onLate = late;
    this.#host.late.add(call);
  }

  #end(call: Call, failed: boolean, value: unknown, isLate = false): void {
    const { step, own } = call;
    const rules = this.#rules;
    call.settled = !isLate;
    this.#open--;
    try {
      if (own) {
        own.onOver = call.own = undefined;
        own.close();
      }
      const failure = failed ? this.#failureOf(call, value, isLate, own) : undefined;
      step.done?.(call, failure, value);
      if (!failure) rules.done?.(value, step);
      else if (!rules.isQuiet && (this.#isAbandoning || failure.kind !== "abort")) {
        this.#fail(failure, step.owner, isLate && !call.hadTime ? "debug" : "error");
      }
      const { followers } = step;
      if (followers) { for (const next of followers) if (--next.waits! === 0) this.#ready.push(next); }
    } catch (error) {
      this.#giveUp(error);
    }
    if (!this.#isAdvancing && (this.#open === 0 || this.#readyAt < this.#ready.length)) this.#advance();
  }

  #fail(failure: Failure, owner: Owner | undefined, level: "error" | "debug" = "error"): void {
    logFailure(this.#host, failure, owner, level);
    if (owner && !(this.#rules.counts?.(owner) ?? owner.isCritical)) return;
    this.failures.push(failure);
    if (this.#rules.endedBy === "failure") this.deadline!.abort(failure.error, "request");
  }

  #failureOf(call: Call, error: unknown, isLate: boolean, own = this.deadline): Failure {
    const { step: { name }, since } = call;
    const kind = !isLate ? kindOf(error, own) : this.#isAbandoning ? "abort" : "timeout";
    return { channel: this.name, listener: name, kind, ms: this.#host.clock.now() - since, error };
  }

  #msOf({ since }: Call): number {
    return Math.round(this.#host.clock.now() - since);
  }
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
