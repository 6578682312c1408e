/**
 * One component in its bus. A member is its own step in a round: there may be thousands, and no step objects are made for them.
 * @module
 */
import { defer, type Deferred } from "./_deferred.ts";
import { onAbort } from "./_web.ts";
import type { Component, Status } from "./component.ts";
import type { Core } from "./core.ts";
import type { Deadline } from "./deadline.ts";
import type { Failure } from "./errors.ts";
import { fullName, type Owner } from "./owner.ts";
import type { Phase } from "./phase.ts";
import type { LogDetails } from "./records.ts";
import type { Call, Step } from "./call.ts";

/** An action on a component. */
export type Action = "start" | "drain" | "stop";

/** The part of the list of members that one member needs. */
export interface MemberHost {
  readonly core: Core;
  /** Whether a start that nobody waits for any more can still come to its end. */
  readonly canEndLate: boolean;
  /** Whether the bus is in a state that components come up in. */
  readonly mayComeUp: boolean;
  /** Counts the times that the bus has entered `start`. */
  readonly startTurn: number;
  /** The rank of a member that comes up now. */
  nextRank(): number;
  /** The members it depends on that are not up, by name. */
  missing(member: Member): readonly string[];
  /** A start that was given up has come up after all: it has to be stopped, `atOnce` or in its order, then `done`. */
  cameLate(member: Member, value: unknown, atOnce: boolean, done: () => void): void;
  forget(member: Member): void;
}

interface LateStart {
  readonly call: Call;
  readonly over: Deferred<void>;
  /** Whether a further start waits for its end. */
  isAwaited: boolean;
  /** The `start` of the bus that it belongs to. */
  readonly turn: number;
}

/** One component in its bus. */
export class Member implements Step {
  readonly component: Component<unknown>;
  /** Copies: whatever the component does to its own fields later changes nothing here. */
  readonly name: string;
  readonly dependsOn: readonly string[] | "all" | undefined;
  readonly owner: Owner | undefined;
  /** Whether it is a resource: disposed of once, and removed then. */
  readonly isResource: boolean;
  /** Whether the good end of its work ends the program. */
  readonly isJob: boolean;
  status: Status = "down";
  value: unknown = undefined;
  /** The instant at which the present action began; how long the last one took. NaN: an object moves to another shape where a field first holds a fraction. */
  since: number = NaN;
  ms: number | undefined = undefined;
  /** Its place in the order of coming up; 0 where it is not up. */
  rank = 0;
  /** The action of the round that is being made; how many members it waits for in that round, and the members that wait for it. */
  due: Action | undefined = undefined;
  waits = 0;
  followers: Member[] | undefined = undefined;
  within: number | undefined = undefined;
  /** Its `run`, until that has settled. */
  work: { readonly deadline: Deadline; readonly result: Promise<Failure | undefined> } | undefined =
    undefined;
  /** Whether a check that was late has not settled. */
  isCheckStuck = false;
  readonly #host: MemberHost;
  readonly #times: Readonly<Record<Action, number | undefined>>;
  /** The result of its last start. The promise of it is made when a caller asks for `ready`. */
  #outcome: { readonly failed: boolean; readonly value: unknown } | undefined = undefined;
  #ready: Deferred<unknown> | undefined = undefined;
  /** A start that was given up and has not come to its end, or whose stop has not. */
  #lateStart: LateStart | undefined = undefined;

  constructor(
    host: MemberHost,
    component: Component<unknown>,
    isResource: boolean,
    owner: Owner | undefined,
  ) {
    const { name, dependsOn, startWithin, drainWithin, stopWithin, onEnd } = component;
    this.#host = host;
    this.component = component;
    this.name = fullName(name, owner);
    this.dependsOn = typeof dependsOn === "object" ? Array.from(dependsOn) : dependsOn;
    this.owner = owner;
    this.isResource = isResource;
    this.isJob = onEnd === "exit";
    this.#times = { start: startWithin, drain: drainWithin, stop: stopWithin };
  }

  /** A member is no function: it acts. */
  listener(): void {}

  /** Whether its component has this method. One that cannot be read fails when it is called. */
  has(method: "run" | "drain" | "reload" | "check"): boolean {
    try {
      return this.component[method] !== undefined;
    } catch {
      return true;
    }
  }

  /** Whether its start has succeeded and its stop has not begun. */
  get isUp(): boolean {
    return this.status === "up" || this.status === "draining";
  }

  /** Whether its start has come to something. */
  get hasOutcome(): boolean {
    return this.#outcome !== undefined;
  }

  /** Settles with its start. */
  get ready(): Promise<unknown> {
    if (!this.#ready) {
      this.#ready = defer();
      this.#tellReady();
    }
    return this.#ready.promise;
  }

  /** Its start came to this, where it has not come to anything before. */
  settleStart(failed: boolean, value: unknown): void {
    if (this.#outcome) return;
    this.#outcome = { failed, value };
    if (this.#ready) this.#tellReady();
  }

  #tellReady(): void {
    if (!this.#outcome) return;
    const { failed, value } = this.#outcome;
    if (failed) this.#ready!.reject(value);
    else this.#ready!.resolve(value);
  }

  /** Adds the member to the round that is being made. */
  prepare(action: Action): this {
    this.within = this.#times[action];
    this.due = action;
    this.waits = 0;
    this.followers = undefined;
    return this;
  }

  act(phase: Phase, { since, channel }: { readonly since: number; readonly channel: string }): unknown {
    if (channel === "start") return this.#start(phase, since);
    const { component, value } = this;
    if (channel === "stop") {
      this.#begin("stopping", since);
      return component.stop?.(value, phase);
    }
    this.#begin("draining", since);
    return component.drain?.(value, phase);
  }

  #start(phase: Phase, since: number): unknown {
    if (this.#lateStart) return this.#startLater(phase);
    if (this.dependsOn?.length) {
      const missing = this.#host.missing(this);
      if (missing.length > 0) {
        throw new Error(`Cannot start component "${this.name}": "${missing.join('", "')}" is not up`);
      }
    }
    this.#outcome = this.#outcome && (this.#ready = undefined);
    this.#begin("starting", since);
    return this.component.start?.(phase);
  }

  /** A start that was given up and still runs is waited for: there are never two. */
  async #startLater(phase: Phase): Promise<unknown> {
    const late = this.#lateStart!;
    late.isAwaited = true;
    const { signal } = phase;
    let release: (() => void) | undefined;
    const aborted = new Promise<never>((_, reject) => release = onAbort(signal, reject));
    await Promise.race([late.over.promise, aborted]).finally(() => {
      release?.();
      late.isAwaited = false;
    });
    signal.throwIfAborted();
    return this.#start(phase, this.#host.core.clock.now());
  }

  #begin(status: Status, since: number): void {
    this.since = since;
    this.ms = undefined;
    this.status = status;
    if (this.#host.core.isHeard) this.tell(`Component "${this.name}" is ${status}`, { level: "debug" });
  }

  done(call: Call, failure: Failure | undefined, value: unknown): void {
    const { core } = this.#host;
    const { status } = this;
    if (status === "starting" || status === "stopping" || status === "draining" && call.channel === "drain") {
      this.ms = core.clock.now() - this.since;
    }
    if (call.channel === "drain") return;
    if (call.channel === "stop") {
      this.rank = 0;
      this.status = failure ? "failed" : "down";
      if (failure) return;
      this.value = undefined;
    } else if (failure) {
      return this.#failStart(call, failure);
    } else if (status === "removed") {
      return this.#host.cameLate(this, value, true, () => {});
    } else if (!this.#host.mayComeUp) {
      // The start of a guest's component, which nobody waits for, has outlasted the host's run.
      this.status = "down";
      this.settleStart(true, new Error(`Component "${this.name}" came up after its start was given up`));
      return this.#host.cameLate(this, value, false, () => {});
    } else {
      this.comeUp(value);
      this.settleStart(false, value);
    }
    this.#tellEnd();
    if (this.isResource && this.status === "down") this.#host.forget(this);
  }

  /** Marks the member as up, and gives it its place in the order. */
  comeUp(value: unknown): void {
    this.value = value;
    this.status = "up";
    this.rank = this.#host.nextRank();
  }

  #failStart(call: Call, failure: Failure): void {
    this.settleStart(true, failure.error);
    // Where a start ends with the request that drove it, it may never settle: nobody waits for it.
    if (call.isLate && failure.kind === "timeout" && this.#host.canEndLate) {
      this.#lateStart ??= { call, over: defer(), isAwaited: false, turn: this.#host.startTurn };
    } else if (this.status === "starting") this.status = "down";
  }

  late(call: Call, failed: boolean, value: unknown): void {
    if (call.channel !== "start") return;
    const start = this.#lateStart?.call === call ? this.#lateStart : undefined;
    if (start && this.status === "starting") this.status = "down";
    const over = () => {
      if (start) this.#lateStart = undefined;
      start?.over.resolve();
    };
    // A start that belongs to an earlier `start` of the bus, or that a further start waits for, cannot wait for the coming stop.
    const atOnce = !start || start.isAwaited || start.turn !== this.#host.startTurn;
    if (failed) over();
    else this.#host.cameLate(this, value, atOnce, over);
  }

  #tellEnd(): void {
    if (!this.#host.core.isHeard) return;
    const { name, status, ms = 0 } = this;
    this.tell(`Component "${name}" is ${status} after ${Math.round(ms)} ms`, { ms });
  }

  /** Logs about it. */
  tell(message: string, details: LogDetails): void {
    const { name, status, owner } = this;
    this.#host.core.log(message, { event: "component", component: name, status, ...details }, owner);
  }
}

/** Adds the drain of a member to the steps, where there is anything to do, and the end of its `run`. */
export function addDrain(member: Member, steps: Step[]): void {
  const { name, owner, work } = member;
  if (member.has("drain")) steps.push(member.prepare("drain"));
  if (!work) return;
  member.work = undefined;
  const listener = async () => {
    const failure = await work.result;
    if (failure && failure.kind !== "abort") throw failure.error;
  };
  steps.push({ name, owner, listener });
}
