/**
 * The components as a report has them.
 * @module
 */
import type { ComponentReport } from "./component.ts";
import type { Member } from "./member.ts";
import type { State } from "./states.ts";

/** The members, and the instant, of a report. */
export interface MemberReportParts {
  readonly state: State;
  /** The present instant, by the clock. */
  readonly now: number;
  /** The members that one depends on. */
  before(member: Member): readonly Member[];
}

/** Says of each component its status, how long that took or takes, and what it waits for. */
export function reportMembers(members: readonly Member[], parts: MemberReportParts): ComponentReport[] {
  const { state, now, before } = parts;
  // In a stop, a component waits for its dependents; they are found once for all components.
  const dependants = new Map<Member, string[]>();
  if (state === "stop") {
    for (const member of members.filter(({ rank }) => rank > 0).sort((a, b) => a.rank - b.rank)) {
      for (const other of before(member)) {
        const names = dependants.get(other);
        if (names) names.push(member.name);
        else dependants.set(other, [member.name]);
      }
    }
  }
  const waitsFor = (member: Member): readonly string[] => {
    if (state === "start" && member.status === "down") {
      return before(member).filter(({ isUp }) => !isUp).map(({ name }) => name);
    }
    return state === "stop" && member.isUp ? dependants.get(member) ?? [] : [];
  };
  return members.map((member): ComponentReport => {
    const { name, status } = member;
    const ms = member.ms ?? (status.endsWith("ing") ? now - member.since : undefined);
    const waiting = waitsFor(member);
    return { name, status, ...ms !== undefined && { ms }, ...waiting.length > 0 && { waitsFor: waiting } };
  });
}
