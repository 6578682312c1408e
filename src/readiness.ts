/**
 * Whether a bus is ready for traffic: it runs, has settled, and each of its components says that it works.
 * @module
 */
import type { Node } from "./_node.ts";
import { Channel } from "./channel.ts";
import type { Status } from "./component.ts";
import { Deadline } from "./deadline.ts";
import type { Engine } from "./engine.ts";
import type { State } from "./states.ts";

/** What `check` found. Ready for traffic is `ready`; the rest says why it is not. */
export interface Readiness {
  /** Whether the bus runs and has settled, and every check has passed. */
  readonly ready: boolean;
  /** Where the bus stands. */
  readonly state: State;
  /** False while listeners of `state` are running. */
  readonly settled: boolean;
  /** The components in the order of `use`. */
  readonly components: readonly ComponentReadiness[];
}

/** What one component's `check` came to. */
export interface ComponentReadiness {
  /** Its name. */
  readonly name: string;
  /** Where it stands. */
  readonly status: Status;
  /** What its check came to; absent where it has none, or was not asked. `late`: it did not settle in time. */
  readonly check?: "passed" | "failed" | "late";
  /** Milliseconds that its check took, or had taken when it was late. */
  readonly ms?: number;
  /** Why it failed. It may hold what the public must not see. */
  readonly error?: unknown;
}

/** Asks all that is up at once; never rejects. Outside of a settled `run` nobody is asked. */
export async function checkReadiness(engine: Engine, within: number): Promise<Readiness> {
  const { core } = engine;
  const runs = () => engine.state === "run" && engine.settled;
  const deadline = new Deadline(core.clock, "check", within, within);
  // A channel of its own: a check that hangs is no listener, and holds no end of the bus.
  const channel = new Channel("check", core);
  const ask = async (node: Node): Promise<ComponentReadiness> => {
    const { component, name, value } = node;
    if (!runs() || node.status !== "up" || !component.check) return { name, status: node.status };
    const since = core.clock.now();
    // One that hangs is not called again until it has settled: probes come every few seconds.
    const { stuck } = node;
    const body = async () => {
      if (stuck) throw new Error(`"${name}" has not settled an earlier check`);
      if (await component.check!(value, deadline.signal) === false) {
        throw new Error(`"${name}" does not work`);
      }
    };
    const late = () => node.stuck = false;
    const result = await channel.outcome({ name, deadline, body, late });
    const { status } = node;
    const ms = core.clock.now() - since;
    if ("value" in result) return { name, status, check: "passed", ms };
    if (result.late) node.stuck = true;
    const { kind, error } = result.failure;
    return { name, status, check: stuck || kind === "timeout" ? "late" : "failed", ms, error };
  };
  const components = await Promise.all(engine.components.list().map(ask));
  deadline.close();
  const ready = runs() && components.every(({ check = "passed" }) => check === "passed");
  return { ready, state: engine.state, settled: engine.settled, components };
}
