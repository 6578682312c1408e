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
import type { Counts, LastRoll } from "./counts.ts";
import { residentMemory } from "./memory.ts";
import type { PoolHandle, UnitLike } from "./pools.ts";

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
  readonly name: string;
  readonly state: Status;
  /** Milliseconds that its last start, drain or stop took, or has taken so far. */
  readonly ms?: number;
  /** What its `check` came to; absent where it has none, or was not asked. */
  readonly check?: "passed" | "failed" | "late";
  /** The components that it waits for. */
  readonly waitsFor?: readonly string[];
  /** The components that it starts after and stops before. */
  readonly dependsOn: readonly string[];
}

/** A unit: a thread, a child process or a task. */
export interface UnitStatus {
  readonly id: number;
  readonly name: string;
  readonly kind: string;
  readonly pid?: number;
  readonly state: string;
  readonly generation: number;
  /** Milliseconds since it was started. */
  readonly sinceMs: number;
  /** Its resident memory in bytes, where the system tells. */
  readonly memory?: number;
  /** The requests that it has in flight, where that is known. */
  readonly inFlight?: number;
}

/** What `GET /status` answers. */
export interface ControlStatus {
  /** The name that the process is found by. */
  readonly name: string;
  readonly pid: number;
  /** The version that the program gave; absent where it gave none. */
  readonly version?: string;
  /** The runtime and its version, such as "Node 26.1.0". */
  readonly runtime: string;
  /** The name of the bus's platform. */
  readonly platform: string;
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
  /** What the bus waits for, the longest first. What is still pending when its time is over is cut. */
  readonly pending: readonly PendingStatus[];
  /** The requests in flight of all servers. */
  readonly inFlight?: number;
  /** The resident memory of this process, in bytes. */
  readonly memory: number;
  /** How many reloads have been committed. */
  readonly generation: number;
  readonly components: readonly ComponentStatus[];
  readonly units: readonly UnitStatus[];
  /** The pools whose units end more often than they may. */
  readonly degraded?: readonly string[];
  /** The last roll of a pool. */
  readonly lastRoll?: LastRoll;
}

/** What a status is made of. */
export interface StatusParts {
  readonly bus: ProcessBus;
  readonly name: string;
  readonly version: string | undefined;
  readonly servers: readonly ServerHandle[];
  readonly pools: readonly PoolHandle[];
  readonly units: (() => readonly UnitLike[]) | undefined;
  readonly counts: Counts;
}

/** How long the checks of the components may take before the status is told without them, in milliseconds. */
const CHECK_WITHIN_MS = 500;

/** How long the result of the checks is used again, in milliseconds: asking often does not check often. */
const CHECK_EVERY_MS = 1_000;

/** Reads the status of one bus. */
export class StatusReader {
  readonly parts: StatusParts;
  #readiness: { readonly at: number; readonly state: string; readonly found: Promise<Readiness> } | undefined;

  constructor(parts: StatusParts) {
    this.parts = parts;
  }

  /** The requests that a server has in flight; undefined where it counts none, or is not up. */
  readonly requestsOf = (component: string): number | undefined => {
    const server = this.parts.servers.find(({ name }) => name === component);
    return server && valueOf(() => server.value.inFlight);
  };

  /** All units, also those that are not ready. */
  units(): readonly UnitLike[] {
    const { units, pools } = this.parts;
    return valueOf(() => units?.()) ??
      pools.flatMap((pool) => valueOf(() => pool.value.units()) ?? []);
  }

  /** Never rejects. */
  async read(): Promise<ControlStatus> {
    const { bus, name, version, servers, pools, counts } = this.parts;
    const readiness = await this.#check();
    const checks = new Map<string, ComponentReadiness>(readiness.components.map((one) => [one.name, one]));
    const report = bus.inspect();
    const { state = "initial", goal, leftMs, generation = 0, components = [] } = report;
    const inFlight = servers.map(({ name }) => this.requestsOf(name)).filter((count) => count !== undefined);
    const degraded = pools.filter((pool) => valueOf(() => pool.value.degraded)).map(({ name }) => name);
    const units = await Promise.all(this.units().map(unitStatus));
    const { lastRoll } = counts;
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
      ...inFlight.length > 0 && { inFlight: inFlight.reduce((sum, count) => sum + count, 0) },
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
      units,
      ...degraded.length > 0 && { degraded },
      ...lastRoll && { lastRoll },
    };
  }

  /** The checks of the components, at most once a second. */
  async #check(): Promise<Readiness> {
    const { bus } = this.parts;
    const now = bus.platform.clock.now();
    const state = `${bus.state} ${bus.settled}`;
    const last = this.#readiness;
    if (last && last.state === state && now - last.at < CHECK_EVERY_MS) return await last.found;
    const found = bus.check({ within: CHECK_WITHIN_MS });
    this.#readiness = { at: now, state, found };
    return await found;
  }
}

async function unitStatus(unit: UnitLike): Promise<UnitStatus> {
  const { id, name, kind, pid, state, generation, since, inFlight } = unit;
  const memory = pid === undefined ? undefined : await residentMemory(pid);
  return {
    id,
    name,
    kind,
    ...pid !== undefined && { pid },
    state,
    generation,
    sinceMs: Math.max(0, Date.now() - since),
    ...memory !== undefined && { memory },
    ...inFlight !== undefined && { inFlight },
  };
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
