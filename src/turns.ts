/**
 * What is called in each state: its listeners, and what else is done in it.
 * @module
 */
import type { Apart } from "./apart.ts";
import type { Core } from "./core.ts";
import type { Held } from "./held.ts";
import type { Limits } from "./limits.ts";
import type { Member } from "./member.ts";
import type { Members, Span } from "./members.ts";
import type { Platform } from "./platform.ts";
import type { Call, Step, Turn } from "./round.ts";
import type { State } from "./states.ts";

/** What the turns of a state need of their bus. */
export interface TurnsHost {
  readonly core: Core;
  readonly limits: Limits;
  readonly members: Members;
  readonly apart: Apart;
  readonly held: Held;
  readonly state: State;
  attach(): ReturnType<Platform["attach"]>;
  span(state: State): Span;
  beginWork(members: readonly Member[]): void;
}

/** The priority that the components have as a whole. */
const COMPONENTS = 50;

/** The states whose listeners of guests may keep nobody waiting. */
const OPENING: readonly State[] = ["enter", "idle", "start", "run"];

/** What is called in `state`, in its order. */
export function turnsOf(host: TurnsHost, state: State): readonly Turn[] {
  const { members, held } = host;
  const { entries } = host.core.channel(state).list();
  const own = OPENING.includes(state) ? entries.filter(({ owner }) => !owner || owner.isCritical) : entries;
  const turns: Turn[] = [...own];
  const insert = (turn: Turn) => {
    const at = own.findIndex(({ priority, owner }) => owner || priority >= COMPONENTS);
    turns.splice(at < 0 ? own.length : at, 0, turn);
  };
  switch (state) {
    case "enter":
      turns.unshift({ name: "attach", listener: () => host.attach() });
      break;
    case "start":
      insert(() => {
        startApart(host);
        return members.starts();
      });
      // Names and cycles are checked before anything starts, whatever its priority.
      turns.unshift({ name: "components", listener: () => members.verify() });
      break;
    case "run":
      insert(() => {
        host.beginWork(members.up());
        return [];
      });
      break;
    case "drain":
      insert(() => members.drains());
      turns.push(held.step());
      break;
    case "stop":
      insert((round) => members.stops(round));
  }
  return turns;
}

/** Calls the listeners of guests whose failure is their own, once the host's have settled; nobody waits for them. */
export function callApart({ core, limits, apart, span }: TurnsHost, state: State): void {
  if (!OPENING.includes(state)) return;
  const entries = core.channel(state).list().entries.filter(({ owner }) => owner && !owner.isCritical);
  if (entries.length === 0) return;
  const { deadline: own, phase } = span(state);
  own.close();
  apart.begin(state, entries, limits.of(state), (deadline) => ({
    call: ({ listener }: Step, call: Call) => listener(phase(call.own ?? deadline) as never),
  }));
}

/** Starts the components of guests whose failure is their own, of all of them or those given; nobody waits for them. */
export function startApart(host: TurnsHost, lists: readonly Member[][] = host.members.apartStarts()): void {
  const { members, limits, apart } = host;
  for (const list of lists) {
    const { deadline: own, phase } = host.span("start");
    own.close();
    apart.begin("start", [() => list], limits.of("start"), (deadline) => ({
      call: (step: Step, call: Call) => step.act!(phase(call.own ?? deadline) as never, call),
      endedBy: "request",
    }), () => {
      members.miss("warn", list);
      if (host.state === "run") host.beginWork(list);
    });
  }
}
