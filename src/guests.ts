/**
 * The guests of a bus, whose failures are their own: what their components and listeners do when the host opens
 * happens beside it. The host waits for none of it, and its drain ends it.
 * @module
 */
import type { Call, Step } from "./call.ts";
import type { Core } from "./core.ts";
import { Deadline } from "./deadline.ts";
import type { Limits } from "./limits.ts";
import type { Member } from "./member.ts";
import type { Members } from "./members.ts";
import type { Owner } from "./owner.ts";
import type { Phase, Reload } from "./phase.ts";
import { runReload } from "./reload.ts";
import { Round, type Rules, type Turn } from "./round.ts";
import type { Span } from "./spans.ts";
import { isOpening, type State } from "./states.ts";

/** The events of the host that its guests are told. */
export interface Guests {
  /** The host comes to the start of its components. */
  starting(): void;
  /** A guest has used a component while it runs. */
  joined(member: Member): void;
  /** The host has settled in a state. */
  settled(state: State): void;
  /** The host has reloaded; the steps belong to guests that may not veto. */
  reloaded(steps: readonly Step[], reload: Omit<Reload, "signal">): void;
  /** Its drain or exit begins. */
  ending(reason: Error): void;
}

/** The part of a host that its guests need. */
export interface GuestsHost {
  readonly core: Core;
  readonly limits: Limits;
  readonly members: Members;
  readonly state: State;
  span(state: State): Span;
  beginWork(members: readonly Member[]): void;
}

/** Makes what a bus has once it has guests. */
export function makeGuests(host: GuestsHost): Guests {
  const { core, limits, members } = host;
  const deadlines = new Set<Deadline>();
  const limit = (name: string, ms: number) => {
    const deadline = new Deadline(core.clock, name, ms);
    deadlines.add(deadline);
    return deadline;
  };
  const close = (deadline: Deadline) => {
    deadlines.delete(deadline);
    deadline.close();
  };
  /** Runs a round beside the host, with phases of the state and a time of its own. */
  const begin = (
    state: State,
    turns: readonly Turn[],
    act: (step: Step, phase: Phase, call: Call) => unknown,
    then?: () => void,
  ) => {
    const deadline = limit(state, limits.of(state));
    const { deadline: unused, phase } = host.span(state);
    unused.close();
    const rules: Rules = {
      call: (step, call) => act(step, phase(call.own ?? deadline), call),
      endedBy: "request",
    };
    new Round(core, state, turns, rules, deadline).run(() => {
      close(deadline);
      then?.();
    });
  };
  const start = (list: readonly Member[]) =>
    begin("start", [() => list], (step, phase, call) => step.act!(phase as never, call), () => {
      members.miss("warn", list);
      if (host.state === "run") host.beginWork(list);
    });
  return {
    starting: () => members.apartStarts().forEach(start),
    joined: (member) => start(members.start(member)),
    settled(state) {
      const entries = core.channel(state).list().entries.filter(({ owner }) => owner && !owner.isCritical);
      if (entries.length === 0 || !isOpening(state)) return;
      begin(state, entries, ({ listener }, phase) => listener(phase as never));
    },
    reloaded(steps, reload) {
      for (const owner of new Set<Owner | undefined>(steps.map(({ owner }) => owner))) {
        const own: Deadline[] = [];
        void runReload(
          {
            core,
            within: (body) => body(),
            limit: () => own[own.push(limit("reload", limits.of("reload"))) - 1]!,
          },
          steps.filter((step) => step.owner === owner),
          reload,
        ).finally(() => own.forEach(close));
      }
    },
    ending(reason) {
      for (const deadline of deadlines) {
        deadline.abort(reason, "request");
        deadline.finish();
      }
    },
  };
}
