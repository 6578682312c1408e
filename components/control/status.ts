/**
 * The status of a process, in one object.
 * @module
 */
import process from "node:process";
import type { Status } from "../../src/component.ts";
import { dependenciesOf } from "../../src/internal.ts";
import type { ProcessBus } from "../../src/process_bus.ts";
import type { ComponentReadiness, Readiness } from "../../src/readiness.ts";
import type { Goal, State } from "../../src/states.ts";
import type { ServerHandle } from "../log/follow.ts";
import { pendingCalls } from "../log/pending.ts";
import type { Pool } from "../units/pool_value.ts";
import type { DegradedStatus, PoolStatus, RollStatus, UnitStatus } from "../units/pool_value.ts";
import type { Counts } from "./counts.ts";
import { type Remembered, remembered } from "./remembered.ts";

/** A call that the bus waits for. */
export interface PendingStatus {
  /** The component, the listener, or the promise that the bus holds. */
  readonly name: string;
  /** The state that it was called in; "hold" for a promise. */
  readonly state: string;
  /** Milliseconds since it was called. */
  readonly pendingMs: number;
  /** Milliseconds until the bus goes on without it; absent where it has done so already, or waits without a limit. */
  readonly leftMs?: number;
  /** The requests that it has in flight, which are cut then, where it is a server. */
  readonly requests?: number;
}

/** A component. */
export interface ComponentStatus {
  /** Its name. */
  readonly name: string;
  /** Its status. */
  readonly state: Status;
  /** Milliseconds that its last start, drain or stop took, or has taken so far. */
  readonly ms?: number;
  /** The result of its `check`; absent if it has none, or was not asked. */
  readonly check?: "passed" | "failed" | "late";
  /** The components that it waits for. */
  readonly waitsFor?: readonly string[];
  /** The components that it starts after and stops before. */
  readonly dependsOn: readonly string[];
}

/** A unit of a pool. */
export interface ControlUnit extends Omit<UnitStatus, "since"> {
  /** Milliseconds since it was started. */
  readonly sinceMs: number;
}

/** How a pool is. */
export interface ControlPool extends Omit<PoolStatus, "units" | "degraded" | "lastRoll"> {
  /** Whether its units end more often than they may. */
  readonly degraded: boolean;
}

/** The answer of `GET /status`. */
export interface ControlStatus {
  /** The name that the process is found by. */
  readonly name: string;
  /** The process id. */
  readonly pid: number;
  /** The version that the program gave; absent where it gave none. */
  readonly version?: string;
  /** The runtime and its version, such as "Node 26.1.0". */
  readonly runtime: string;
  /** The name of the bus's platform. */
  readonly platform: string;
  /** The state that the bus is in. */
  readonly state: State;
  /** False while listeners of the state are running. */
  readonly settled: boolean;
  /** Milliseconds since the state was entered. */
  readonly sinceMs: number;
  /** Milliseconds since the process started. */
  readonly uptimeMs: number;
  /** Whether it is ready for traffic. */
  readonly ready: boolean;
  /** Where the bus is on its way to. */
  readonly goal?: Goal;
  /** Milliseconds until the end of the state under way. */
  readonly leftMs?: number;
  /** The calls that the bus waits for, the longest first. A call that is still pending when its time is over is cut. */
  readonly pending: readonly PendingStatus[];
  /** The requests in flight of all servers. */
  readonly inFlight?: number;
  /** The resident memory of this process, in bytes. */
  readonly memory: number;
  /** How many reloads have been committed. */
  readonly generation: number;
  /** The components, in the order of `use`. */
  readonly components: readonly ComponentStatus[];
  /** The pools that run. */
  readonly pools: readonly ControlPool[];
  /** The units of all pools. */
  readonly units: readonly ControlUnit[];
  /** The pools whose units end more often than they may. */
  readonly degraded?: readonly (DegradedStatus & { readonly pool: string })[];
  /** The roll of a pool that ended last. */
  readonly lastRoll?: RollStatus & { readonly pool: string };
}

/** The parts of a status. */
export interface StatusParts {
  readonly bus: ProcessBus;
  readonly name: string;
  readonly version: string | undefined;
  readonly servers: readonly ServerHandle[];
  readonly counts: Counts;
}

/** How long the components and the units may take to say how they are, in milliseconds. */
const WITHIN_MS = 500;

/** How long what the checks of the components said is used again, in milliseconds: asking often does not check often. */
const CHECK_EVERY_MS = 1_000;

/** The same for what the units said. */
const UNITS_EVERY_MS = 200;

/** Reads the status of one bus. */
export class StatusReader {
  readonly parts: StatusParts;
  readonly #readiness: Remembered<Readiness>;
  readonly #pools: Remembered<readonly PoolStatus[]>;

  constructor(parts: StatusParts) {
    const { bus, counts } = parts;
    const { clock } = bus.platform;
    this.parts = parts;
    const key = () => `${bus.state} ${bus.settled}`;
    const check = () => bus.check({ within: WITHIN_MS });
    this.#readiness = remembered(check, { clock, ms: CHECK_EVERY_MS, key });
    const ask = () => Promise.all(counts.pools().map((pool: Pool) => pool.status({ within: WITHIN_MS })));
    // Where a unit has come or gone, or is in another state, the last answer is of no more use.
    const units = () =>
      counts.pools().flatMap((pool: Pool) => pool.units().map(({ id, state }) => `${id} ${state}`));
    this.#pools = remembered(ask, { clock, ms: UNITS_EVERY_MS, key: () => [key(), ...units()].join() });
  }

  /** The requests that a server has in flight; undefined where it counts none, or is not up. */
  readonly requestsOf = (component: string): number | undefined => {
    const server = this.parts.servers.find(({ name }) => name === component);
    return server && valueOf(() => server.value.inFlight);
  };

  /** Never rejects. */
  async read(): Promise<ControlStatus> {
    const { bus, name, version, servers, counts } = this.parts;
    const [readiness, pools] = await Promise.all([this.#readiness(), this.#pools()]);
    const checks = new Map<string, ComponentReadiness>(readiness.components.map((one) => [one.name, one]));
    const report = bus.inspect();
    const { state = "initial", goal, leftMs, generation = 0, components = [] } = report;
    const inFlight = servers.map(({ name }) => this.requestsOf(name)).filter((count) => count !== undefined);
    const own = inFlight.reduce((sum, count) => sum + count, 0);
    const units = pools.flatMap(({ units }) => units);
    const served = units.map(({ inFlight }) => inFlight).filter((count) => count !== undefined);
    const isServer = inFlight.length + served.length > 0;
    return {
      name,
      pid: process.pid,
      ...version !== undefined && { version },
      runtime: runtimeText(),
      platform: bus.platform.name,
      state,
      settled: bus.settled,
      sinceMs: bus.platform.clock.now() - counts.enteredAt,
      uptimeMs: performance.now(),
      ready: readiness.ready && bus.state === "run" && bus.settled,
      ...goal && { goal },
      ...leftMs !== undefined && { leftMs },
      pending: pendingCalls(report, this.requestsOf).map(({ listener, channel, ms, requests }) => ({
        name: listener,
        state: channel,
        pendingMs: ms,
        ...leftMs !== undefined && (channel === state || channel === "hold") && { leftMs },
        ...requests !== undefined && { requests },
      })),
      ...isServer && { inFlight: served.reduce((sum, count) => sum + count, own) },
      memory: process.memoryUsage().rss,
      generation,
      components: components.map(({ name, status, ms, waitsFor }) => {
        const check = checks.get(name)?.check;
        return {
          name,
          state: status,
          ...ms !== undefined && { ms },
          ...check && { check },
          ...waitsFor && { waitsFor },
          dependsOn: dependenciesOf(bus, name),
        };
      }),
      pools: pools.map(({ units: _, degraded, lastRoll: __, ...pool }) => ({
        ...pool,
        degraded: degraded !== undefined,
      })),
      units: units.map(({ since, ...unit }) => ({ ...unit, sinceMs: Math.max(0, Date.now() - since) })),
      ...troubleOf(pools),
    };
  }
}

/** The troubles of pools, and the outcome of the last roll. */
function troubleOf(pools: readonly PoolStatus[]): Pick<ControlStatus, "degraded" | "lastRoll"> {
  const degraded = pools.flatMap(({ name, degraded }) => degraded ? [{ pool: name, ...degraded }] : []);
  const rolls = pools.flatMap(({ name, lastRoll }) => lastRoll ? [{ pool: name, ...lastRoll }] : []);
  const lastRoll = rolls.sort((a, b) => b.at - a.at)[0];
  return { ...degraded.length > 0 && { degraded }, ...lastRoll && { lastRoll } };
}

/** The runtime and its version. */
function runtimeText(): string {
  const { deno, bun, node } = process.versions as Readonly<Record<string, string | undefined>>;
  return deno !== undefined ? `Deno ${deno}` : bun !== undefined ? `Bun ${bun}` : `Node ${node}`;
}

/** The value of a component that may not be up. */
export function valueOf<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch {
    return undefined;
  }
}
