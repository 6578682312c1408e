/**
 * One call of one step, and the names of the calls of a bus that have not settled.
 * @module
 */
import type { Settled } from "./_adopt.ts";
import type { Channel, Listener } from "./channel.ts";
import type { Deadline } from "./deadline.ts";
import { type Failure, textOf } from "./errors.ts";
import type { Owner } from "./owner.ts";
import type { Clock } from "./platform.ts";
import { type LogDetails, type PendingCall, titleOf } from "./records.ts";

/** A callee: a listener on its channel, a component, or a part of the bus itself. */
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
  /** Called with the result of the call: a failure or a value. */
  done?(call: Call, failure: Failure | undefined, value: unknown): void;
  /** Called when a call settles after the round had gone on without it. */
  late?(call: Call, failed: boolean, value: unknown): void;
  /** The name of the thing that it waits for, where that says more than its own name. */
  pending?(): readonly string[];
}

/** The round of a call, as the call knows it. */
export interface CallRound {
  readonly name: string;
  /** The calls that returned something to wait for. */
  readonly calls: readonly Call[];
  /** A call that it waits for has settled. */
  settled(call: Call, failed: boolean, value: unknown): void;
  /** Goes on without a call that has not settled. */
  leave(call: Call): void;
}

/** The part of a bus that calls need. */
export interface CallHost {
  readonly clock: Clock;
  /** The rounds with calls that are waited for, and the calls that are late and have not settled. */
  readonly rounds: Set<CallRound>;
  readonly late: Set<Call>;
  log(message: string, details: LogDetails, owner?: Owner): void;
}

/** One call of one step. */
export class Call {
  readonly step: Step;
  /** The channel that it was called on. */
  readonly channel: string;
  readonly since: number;
  /** Its own deadline, where it has one. */
  own: Deadline | undefined;
  /** The round that waits for it; undefined once it is late. */
  round: CallRound | undefined;
  settled = false;
  /** Whether there was any time left when it was called: a call without time is no alarm where it is late. */
  hadTime = true;
  /** Called with the result of a late call. */
  onLate: ((value: unknown) => void) | undefined = undefined;

  constructor(round: CallRound, step: Step, since: number, own: Deadline | undefined) {
    this.round = round;
    this.channel = round.name;
    this.step = step;
    this.since = since;
    this.own = own;
  }

  get isLate(): boolean {
    return this.round === undefined;
  }

  get title(): string {
    return titleOf({ listener: this.step.name, channel: this.channel });
  }
}

/** Makes the callback for the end of a call. It is made here so that its closure keeps the call alone. */
export function settledOf(host: CallHost, call: Call): Settled {
  return (failed, value) => settleCall(host, call, failed, value);
}

/** A call has settled: its round is told, or, where that has gone on without it, the log. */
function settleCall(host: CallHost, call: Call, failed: boolean, value: unknown): void {
  const { round, step, channel, since } = call;
  if (round) return round.settled(call, failed, value);
  call.settled = true;
  if (!host.late.delete(call)) return;
  const ms = host.clock.now() - since;
  const fields = { event: "late", listener: step.name, channel, ms, ...failed && { error: value } } as const;
  host.log(
    `${call.title} settled late, after ${Math.round(ms)} ms`,
    { level: call.hadTime ? "warn" : "debug", ...fields },
    step.owner,
  );
  try {
    step.late?.(call, failed, value);
    if (!failed) call.onLate?.(value);
  } catch (error) {
    host.log(`${call.title} could not be undone: ${textOf(error)}`, { level: "error", error });
  }
}

/** The pending calls of a bus: those that rounds wait for, then the late ones. */
export function pendingCalls({ rounds, late }: CallHost): Call[] {
  return [
    ...[...rounds].flatMap(({ calls }) => calls.filter(({ settled, isLate }) => !settled && !isLate)),
    ...late,
  ];
}

/** The same by name, for records and reports. */
export function describePending(host: CallHost): PendingCall[] {
  const now = host.clock.now();
  return pendingCalls(host).flatMap(({ step, channel, since }) =>
    (step.pending?.() ?? [step.name]).map((listener) => ({ listener, channel, ms: now - since }))
  );
}

/** Every failure is logged, so that no caller must look at the promise it got. */
export function logFailure(
  host: Pick<CallHost, "log">,
  failure: Failure,
  owner?: Owner,
  level: "error" | "debug" = "error",
): void {
  const message = `${titleOf(failure)} failed: ${textOf(failure.error)}`;
  host.log(message, { level, event: "failure", ...failure }, owner);
}
