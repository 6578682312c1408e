/**
 * Components that join a bus that runs, and those that are removed from it.
 * @module
 */
import { defer } from "./_deferred.ts";
import type { Core } from "./core.ts";
import type { Errands } from "./errands.ts";
import { ChannelFailures, type Failure, textOf } from "./errors.ts";
import type { Action, Member } from "./member.ts";
import type { Members } from "./members.ts";
import type { Step } from "./call.ts";
import type { State } from "./states.ts";

/** The part of a bus that joining and leaving need. */
export interface JoinsHost {
  readonly core: Core;
  readonly members: Members;
  readonly errands: Errands;
  readonly state: State;
  /** Does one thing with components while the bus rests; resolves to the failures. */
  perform(action: Action, steps: () => readonly Step[]): Promise<readonly Failure[]>;
  /** Begins the work of components that have come up. */
  beginWork(members: readonly Member[]): void;
}

/** Starts a component as soon as the bus has settled in `run`. */
export function joinMember(host: JoinsHost, member: Member): void {
  const { members, errands } = host;
  errands.send(["run"], async () => {
    if (member.status !== "down") return;
    await host.perform("start", () => members.start(member));
    if (host.state === "run") host.beginWork([member]);
  }, () => {});
}

/** Drains and stops a component when its turn comes, and takes it off the list. */
export function removeMember(host: JoinsHost, member: Member): Promise<void> {
  const { core, members, errands } = host;
  const removed = defer<void>();
  const miss = (error: unknown) => {
    removed.reject(error);
    core.log(textOf(error), {
      level: "error",
      error,
      event: "component",
      component: member.name,
      status: member.status,
    });
  };
  errands.send(["initial", "idle", "run", "exited"], async (errand) => {
    members.release(member);
    const failures: Failure[] = [];
    for (const action of ["drain", "stop"] as const) {
      if (!member.isUp) continue;
      const steps = () => action === "drain" ? members.drains(member) : members.stop(member);
      failures.push(...await host.perform(action, steps));
      // Another driver has gone on.
      if (errand !== errands.current) return;
    }
    if (failures.length > 0) throw new ChannelFailures(failures);
    members.forget(member);
    removed.resolve();
  }, miss);
  return removed.promise;
}
