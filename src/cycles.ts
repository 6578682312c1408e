/**
 * Components that depend on each other in a cycle.
 * @module
 */
import type { Member } from "./member.ts";

/** @throws {Error} If members depend on each other in a cycle, naming it; and what `before` throws. */
export function refuseCycles(
  members: readonly Member[],
  before: (member: Member) => readonly Member[],
): void {
  const done = new Set<Member>();
  const path = new Set<Member>();
  const visit = (member: Member) => {
    if (!member.dependsOn?.length || done.has(member)) return;
    if (path.has(member)) {
      const names = [...path, member].map(({ name }) => name);
      const cycle = names.slice(names.indexOf(member.name)).join(" → ");
      throw new Error(`Cannot start the components: they depend on each other in a cycle, ${cycle}`);
    }
    path.add(member);
    before(member).forEach(visit);
    path.delete(member);
    done.add(member);
  };
  members.forEach(visit);
}
