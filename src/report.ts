/**
 * The report of a process bus.
 * @module
 */
import type { BusReport } from "./bus.ts";
import type { Core } from "./core.ts";
import type { Deadline } from "./deadline.ts";
import type { Held } from "./held.ts";
import type { Members } from "./members.ts";
import type { Goal, State } from "./states.ts";

/** The parts of a bus that a report is made of. */
export interface ReportHost {
  readonly core: Core;
  readonly state: State;
  readonly course: { readonly goal: Goal | undefined };
  readonly reloads: { readonly generation: number };
  readonly members: Members;
  readonly held: Held;
}

/** Makes the report; `deadline`: that of what is under way. */
export function reportOf(
  { core, state, course: { goal }, reloads: { generation }, members, held }: ReportHost,
  deadline: Deadline | undefined,
): BusReport {
  return {
    bus: core.name,
    state,
    ...goal && { goal },
    generation,
    ...deadline && deadline.end !== Infinity && { leftMs: deadline.left() },
    channels: core.inspect(),
    components: members.inspect(),
    held: held.inspect(),
  };
}
