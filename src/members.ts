/**
 * The components of one bus: their order, what a round calls of them, and what becomes of a start that comes late.
 * @module
 */
import {
  checkComponent,
  type Component,
  type ComponentReport,
  disposer,
  type Resource,
} from "./component.ts";
import { checkKeys } from "./check.ts";
import type { Core } from "./core.ts";
import { namedError, textOf } from "./errors.ts";
import { refuseCycles } from "./cycles.ts";
import { addDrain, Member, type MemberHost } from "./member.ts";
import { fullName, type Owner } from "./owner.ts";
import type { Reload } from "./phase.ts";
import type { Traits } from "./platform.ts";
import type { Step } from "./call.ts";
import type { Round } from "./round.ts";
import { stopLate } from "./late_start.ts";
import { reportMembers } from "./member_report.ts";
import type { Span } from "./spans.ts";
import type { State } from "./states.ts";

/** The part of a bus that its components need. */
export interface MembersHost {
  readonly core: Core;
  readonly traits: Traits;
  readonly state: State;
  /** The time for a state, beginning now. */
  span(state: State): Span;
}

/** All components of one bus. */
export class Members implements MemberHost {
  readonly core: Core;
  readonly canEndLate: boolean;
  startTurn = 0;
  readonly #host: MembersHost;
  readonly #members = new Map<string, Member>();
  #resources = 0;
  #ranks = 0;
  /** The round of the present `stop`, once it has come to the components. */
  #stopRound: Round | undefined = undefined;

  constructor(host: MembersHost) {
    this.#host = host;
    this.core = host.core;
    this.canEndLate = host.traits.ioOutsideRequests;
  }

  /** Adds a component, or a resource to dispose of. @throws {Error} If it cannot be used. */
  use(
    given: Component<unknown> | Resource,
    options: { readonly name?: string } = {},
    owner?: Owner,
  ): Member {
    checkKeys("Cannot use a resource", options, ["name"]);
    const stop = disposer(given);
    const component = stop
      ? { name: options.name ?? `resource ${++this.#resources}`, stop }
      : given as Component<unknown>;
    checkComponent(component, this.#host.traits);
    const member = new Member(this, component, stop !== undefined, owner);
    const { name } = member;
    if (this.#members.has(name)) {
      throw new Error(`Cannot use component "${name}": the bus has a component of this name`);
    }
    this.#members.set(name, member);
    return member;
  }

  /** All of them, in the order of `use`. */
  list(): Member[] {
    return [...this.#members.values()];
  }

  get mayComeUp(): boolean {
    return this.#host.state === "start" || this.#host.state === "run";
  }

  nextRank(): number {
    return ++this.#ranks;
  }

  /** The members that came up and have not stopped, in the order of their coming up. */
  up(): Member[] {
    return this.list().filter(isRanked).sort(byRank);
  }

  missing({ dependsOn, owner }: Member): readonly string[] {
    if (dependsOn === "all" || !dependsOn) return [];
    return dependsOn.filter((name) => this.#find(name, owner)?.isUp !== true).map((name) =>
      fullName(name, owner)
    );
  }

  forget(member: Member): void {
    member.status = "removed";
    member.rank = 0;
    member.settleStart(true, new Error(`Cannot wait for component "${member.name}": it is removed`));
    if (this.#members.get(member.name) === member) this.#members.delete(member.name);
  }

  /** Checks the names and cycles of the host's components. @throws {Error} Naming the missing one, or the cycle. */
  verify(): void {
    this.#verify(this.list().filter((member) => !isApart(member)));
  }

  #verify(members: readonly Member[]): void {
    refuseCycles(members, (member) => this.#before(member, true));
  }

  /** Returns the steps that start the host's components that are down, each as soon as its dependencies are up. */
  starts(): Member[] {
    return this.#order("start", this.list().filter((member) => isDown(member) && !isApart(member)));
  }

  /** The same for the components of guests whose failure is their own: a list for each guest. */
  apartStarts(): Member[][] {
    const guests = new Map<Owner, Member[]>();
    for (const member of this.list()) {
      if (!isDown(member) || !isApart(member)) continue;
      const { owner } = member;
      if (!guests.has(owner!)) guests.set(owner!, []);
      guests.get(owner!)!.push(member);
    }
    return [...guests.values()].flatMap((members) => {
      try {
        this.#verify(members);
        return [this.#order("start", members)];
      } catch (error) {
        for (const member of members) {
          member.settleStart(true, error);
          member.tell(textOf(error), { level: "error", error });
        }
        return [];
      }
    });
  }

  /** The start of one alone. */
  start(member: Member): Member[] {
    return this.#order("start", isDown(member) ? [member] : []);
  }

  /** Returns the steps that drain all components that are up, or one of them, side by side. */
  drains(only?: Member): Step[] {
    const steps: Step[] = [];
    for (const member of only ? [only] : this.up()) if (member.isUp) addDrain(member, steps);
    return steps;
  }

  /** Returns the steps that stop all components that are up, in the reverse order of the start. */
  stops(round: Round): Step[] {
    this.#stopRound = round;
    return this.#order("stop", this.up().reverse());
  }

  /** The stop of one alone. */
  stop(member: Member): Step[] {
    return this.#order("stop", [member]);
  }

  /** The state has settled: nothing joins its round any more. */
  settled(): void {
    this.#stopRound = undefined;
  }

  /** Sets up who waits for whom among the members of a round. */
  #order(action: "start" | "stop", members: Member[]): Member[] {
    const starts = action === "start";
    // By index: as long as a loop is not compiled, for-of makes an object of each turn.
    for (let at = 0; at < members.length; at++) members[at]!.prepare(action);
    for (let at = 0; at < members.length; at++) {
      const member = members[at]!;
      if (!member.dependsOn?.length) continue;
      for (const other of this.#before(member)) {
        if (other.due !== action) continue;
        const first = starts ? other : member;
        const then = starts ? member : other;
        (first.followers ??= []).push(then);
        then.waits++;
      }
    }
    for (let at = 0; at < members.length; at++) members[at]!.due = undefined;
    return members;
  }

  cameLate(member: Member, value: unknown, atOnce: boolean, done: () => void): void {
    const round = this.#stopRound;
    stopLate(this.#host, member, { value, atOnce, round, before: () => this.#before(member), done });
  }

  /** Says of the components that a start left out, all of the host's or those given, what they waited for. */
  miss(
    level: "debug" | "warn",
    members: readonly Member[] = this.list().filter((member) => !isApart(member)),
  ): void {
    for (const member of members) {
      if (member.status !== "down" || member.hasOutcome) continue;
      const missing = this.missing(member);
      const why = missing.length > 0 ? `it waits for ${quoted(missing)}` : "the start was given up";
      const error = new Error(`Component "${member.name}" was not started: ${why}`);
      member.settleStart(true, error);
      member.tell(error.message, { level });
    }
  }

  /** Prepares a removal. @throws {Error} While others that are up or starting depend on it. */
  release({ name, owner, work }: Member): void {
    const dependants = this.list().filter((other) => {
      const { dependsOn, status } = other;
      return (isRanked(other) || status === "starting") && other.owner === owner &&
        typeof dependsOn === "object" &&
        dependsOn.some((needed) => fullName(needed, owner) === name);
    });
    if (dependants.length > 0) {
      const names = quoted(dependants.map(({ name }) => name));
      throw new Error(`Cannot remove component "${name}": ${names} depends on it and is up`);
    }
    work?.deadline.abort(namedError("AbortError", `Component "${name}" is being removed`), "request");
  }

  /** The `reload` of all that is up, as steps, dependencies first. */
  reloads(): Step[] {
    return this.up().filter((member) => member.has("reload")).map(({ name, component, value, owner }) => {
      return { name, owner, priority: 50, listener: (reload: Reload) => component.reload!(value, reload) };
    });
  }

  /** Settles what waits for a start that cannot come any more. */
  close(error: Error): void {
    for (const member of this.#members.values()) member.settleStart(true, error);
  }

  /** The components as a report has them. */
  inspect(): ComponentReport[] {
    const { state } = this.#host;
    return reportMembers(this.list(), {
      state,
      now: this.core.clock.now(),
      before: (member) => this.#before(member),
    });
  }

  #find(name: string, owner: Owner | undefined): Member | undefined {
    const found = this.#members.get(fullName(name, owner));
    // A guest's own alone: the host may have a component that is named like a guest's.
    return found?.owner === owner ? found : undefined;
  }

  /** The members it comes after. @throws {Error} Where `all` of them have to be there, naming the one that is not. */
  #before(member: Member, all = false): readonly Member[] {
    const { name, dependsOn = [], owner } = member;
    if (dependsOn === "all") {
      // The host's servers come after guests that can fail its start. A member that depends on one of them comes after it.
      const last = new Map<Member, boolean>();
      // Marked first, since the dependencies may be a cycle, which is refused elsewhere.
      const isLast = (one: Member): boolean =>
        last.get(one) ??
          last.set(one, false).set(one, one.dependsOn === "all" || this.#before(one).some(isLast)).get(one)!;
      return this.list().filter((one) => !isLast(one) && (owner ? one.owner === owner : !isApart(one)));
    }
    return dependsOn.flatMap((other) => {
      const found = this.#find(other, owner);
      if (!found && all) {
        const missing = fullName(other, owner);
        throw new Error(`Cannot start component "${name}": there is no "${missing}" that it depends on`);
      }
      return found ?? [];
    });
  }
}

/** Whether a start is due. One that was given up and still runs is waited for by the next. */
function isDown({ isUp, status }: Member): boolean {
  return !isUp && status !== "failed" && status !== "stopping";
}

/** Whether its failure is its own, and the host waits for it no longer than for the end. */
export function isApart({ owner }: Member): boolean {
  return owner !== undefined && !owner.isCritical;
}

function isRanked({ rank }: Member): boolean {
  return rank > 0;
}

function byRank(a: Member, b: Member): number {
  return a.rank - b.rank;
}

function quoted(names: readonly string[]): string {
  return names.map((name) => `"${name}"`).join(", ");
}
