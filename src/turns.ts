/**
 * The turns of each state: its listeners, and the bus's own work in it.
 * @module
 */
import type { Turn } from "./round.ts";
import type { Core } from "./core.ts";
import type { Guests } from "./guests.ts";
import type { Held } from "./held.ts";
import type { Member } from "./member.ts";
import type { Members } from "./members.ts";
import type { Platform } from "./platform.ts";
import { isOpening, type State } from "./states.ts";

/** The part of a bus that the turns of a state need. */
export interface TurnsHost {
  readonly core: Core;
  readonly members: Members;
  readonly held: Held;
  readonly guests: Guests | undefined;
  attach(): ReturnType<Platform["attach"]>;
  beginWork(members: readonly Member[]): void;
}

/** The priority that the components have as a whole. */
const COMPONENTS = 50;

/** Returns the turns of `state`, in their order. */
export function turnsOf(host: TurnsHost, state: State): readonly Turn[] {
  const { members, held } = host;
  const { entries } = host.core.channel(state).list();
  const own = isOpening(state) ? entries.filter(({ owner }) => !owner || owner.isCritical) : entries;
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
      members.startTurn++;
      insert(() => {
        host.guests?.starting();
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
