/**
 * The `run` of components: the work itself, which lasts as long as the bus runs.
 * @module
 */
import type { Core } from "./core.ts";
import { Deadline } from "./deadline.ts";
import type { Failure } from "./errors.ts";
import type { Member } from "./member.ts";
import { Round, type Step } from "./round.ts";

/** What the work of components needs of their bus. */
export interface WorkHost {
  readonly core: Core;
  /** Lasts as long as the run. */
  readonly runs: Deadline;
  /** Calls `body` as a part of what is under way. */
  within<T>(body: () => T): T;
  /** A component's work has ended while the bus runs: with a failure, or well. */
  workEnded(member: Member, failure: Failure | undefined): void;
}

/** Begins the work of all members given that are up and have one; nobody waits for it now. */
export function beginWork(host: WorkHost, members: readonly Member[]): [] {
  for (const member of members) if (member.isUp && !member.work && member.has("run")) begin(host, member);
  return [];
}

function begin(host: WorkHost, member: Member): void {
  const { component, name, value, owner } = member;
  const { core, runs } = host;
  const deadline = new Deadline(core.clock, name, Infinity, { whole: runs });
  const result = new Promise<Failure | undefined>((resolve) => {
    const step: Step = {
      name,
      owner,
      listener: () => host.within(() => component.run!(value, deadline.signal)),
      done: (_, failure) => resolve(failure),
    };
    new Round(core, "run", [step], { call: (step) => step.listener(), isQuiet: true }, deadline).run(
      () => {},
    );
  }).then((failure) => {
    // The drain that ended it reports what came of it.
    if (deadline.aborted) return failure;
    deadline.close();
    member.work = undefined;
    host.workEnded(member, failure);
    return undefined;
  });
  member.work = { deadline, result };
}
