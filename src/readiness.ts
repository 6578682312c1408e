/**
 * Whether a bus is ready for traffic: it runs, has settled, and each of its components says that it works.
 * @module
 */
import { adopted } from "./_adopt.ts";
import type { Status } from "./component.ts";
import type { Core } from "./core.ts";
import { Deadline } from "./deadline.ts";
import type { Held } from "./held.ts";
import type { Member } from "./member.ts";
import type { Members } from "./members.ts";
import type { Call, Step } from "./call.ts";
import { Round } from "./round.ts";
import type { State } from "./states.ts";

/** The result of `check`. `ready` says whether the bus is ready for traffic; the other fields say why not. */
export interface Readiness {
  /** Whether the bus runs and has settled, and every check has passed. */
  readonly ready: boolean;
  /** The state that the bus is in. */
  readonly state: State;
  /** False while listeners of `state` are running. */
  readonly settled: boolean;
  /** The components in the order of `use`. */
  readonly components: readonly ComponentReadiness[];
  /** Milliseconds until the end of the phase under way. */
  readonly leftMs?: number;
  /** The promises that keep `drain` open, where there are any, the oldest first: `ms` since `hold` was called. */
  readonly held?: readonly { readonly name: string; readonly ms: number }[];
}

/** The result of the `check` of one component. */
export interface ComponentReadiness {
  /** Its name. */
  readonly name: string;
  /** Its status. */
  readonly status: Status;
  /** The result of its check; absent if the component has no check, or its check was not called. `late`: the check did not settle in time. */
  readonly check?: "passed" | "failed" | "late";
  /** Milliseconds that its check took, or had taken when it was late. */
  readonly ms?: number;
  /** Why it failed. It may hold what the public must not see. */
  readonly error?: unknown;
}

/** The part of a bus that a check needs. */
export interface ReadinessHost {
  readonly core: Core;
  readonly members: Members;
  readonly state: State;
  readonly settled: boolean;
  readonly held: Held;
  /** The end of what is under way, by the clock. */
  readonly deadlineEnd: number | undefined;
}

/** Asks all that is up at once; never rejects. Outside of a settled `run` nothing is asked. */
export async function checkReadiness(host: ReadinessHost, within: number): Promise<Readiness> {
  const { core: { clock, log } } = host;
  const runs = () => host.state === "run" && host.settled;
  const deadline = new Deadline(clock, "check", within);
  const members = host.members.list();
  const found = new Map<Member, ComponentReadiness>();
  const steps = members.filter((member) => runs() && member.status === "up" && member.has("check"))
    .map((member): Step => {
      const { component, name, value } = member;
      // A check that hangs is not called again until it has settled: probes come every few seconds.
      const isStuck = member.isCheckStuck;
      return {
        name,
        async listener() {
          if (isStuck) throw new Error(`"${name}" has not settled an earlier check`);
          if (await adopted(component.check!(value, deadline.signal)) === false) {
            throw new Error(`"${name}" does not work`);
          }
        },
        done({ isLate, since }, failure) {
          if (isLate) member.isCheckStuck = true;
          const { status } = member;
          const ms = clock.now() - since;
          if (!failure) return void found.set(member, { name, status, check: "passed", ms });
          const { kind, error } = failure;
          found.set(member, {
            name,
            status,
            check: isStuck || kind === "timeout" ? "late" : "failed",
            ms,
            error,
          });
        },
        late: () => void (member.isCheckStuck = false),
      };
    });
  // Rounds of its own: a check that hangs is no listener, and holds no end of the bus.
  const own = { clock, log, rounds: new Set<Round>(), late: new Set<Call>() };
  await new Round(own, "check", [() => steps], { call: (step) => step.listener(), isQuiet: true }, deadline)
    .ran();
  deadline.close();
  const components = members.map((member) =>
    found.get(member) ?? { name: member.name, status: member.status }
  );
  const ready = runs() && components.every(({ check = "passed" }) => check === "passed");
  const { state, settled, deadlineEnd = Infinity } = host;
  const held = host.held.inspect();
  const leftMs = Math.max(0, deadlineEnd - clock.now());
  return {
    ready,
    state,
    settled,
    components,
    ...leftMs !== Infinity && { leftMs },
    ...held.length > 0 && { held },
  };
}
