/**
 * The `run` of components: the work itself, which lasts as long as the bus runs.
 * @module
 */
import type { Core } from "./core.ts";
import type { Course } from "./course.ts";
import { Deadline } from "./deadline.ts";
import type { Failure } from "./errors.ts";
import { FAILED } from "./exit_codes.ts";
import type { Member } from "./member.ts";
import { logFailure, type Step } from "./call.ts";
import type { UnderWay } from "./under_way.ts";
import { Round } from "./round.ts";

/** The part of a bus that the work of components needs. */
export interface WorkHost {
  readonly core: Core;
  /** Lasts as long as the run. */
  readonly runs: Deadline;
  readonly underWay: UnderWay;
  readonly course: Course;
  /** Keeps a failure for the exit code and the transition under way. */
  note(failure: Failure): void;
}

/** Begins the work of all members given that are up and have one; nobody waits for it now. */
export function beginWork(host: WorkHost, members: readonly Member[]): void {
  for (const member of members) if (member.isUp && !member.work && member.has("run")) begin(host, member);
}

function begin(host: WorkHost, member: Member): void {
  const { component, name, value, owner } = member;
  const { core, runs } = host;
  const deadline = new Deadline(core.clock, name, Infinity, { whole: runs });
  const result = new Promise<Failure | undefined>((resolve) => {
    const step: Step = {
      name,
      owner,
      listener: () => host.underWay.within(() => component.run!(value, deadline.signal)),
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
    ended(host, member, failure);
    return undefined;
  });
  member.work = { deadline, result };
}

/** The work of a component has ended while the bus runs: well, or with a failure. */
function ended({ core, course, note }: WorkHost, member: Member, failure: Failure | undefined): void {
  const { name, owner, isJob, since } = member;
  if (!failure && isJob) {
    member.tell(`Component "${name}" has ended its work, which ends the program`, { level: "info" });
    return course.request("exit", { by: "call", name });
  }
  const error = new Error(`Component "${name}" has ended its run while the bus was running`);
  const ms = core.clock.now() - since;
  const end: Failure = failure ?? { channel: "run", listener: name, kind: "throw", ms, error };
  logFailure(core, end, owner);
  note(end);
  course.request("exit", { by: "error", code: FAILED, error: end.error });
}
