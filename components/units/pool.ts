/**
 * Pools: a number of processes or threads that serve or work as one component of their site.
 * @module
 */
import type { Component } from "../../src/component.ts";
import { checkPool, checkSize, type PoolOptions } from "./pool_options.ts";
import { PoolRun } from "./pool_run.ts";
import { type SiteBus, siteOf } from "./site.ts";
import type { Unit } from "./unit.ts";

/** A pool that runs: the value of its component. */
export interface Pool {
  /** Its units that are not at their real end. During a roll there are two of one name. */
  units(): readonly Unit[];
  /**
   * Makes it larger or smaller; resolves when it is.
   * @throws {RangeError} Where `count` is no number of units.
   */
  scale(count: number): Promise<void>;
  /**
   * Replaces all units, slot by slot: each new one is ready before the old one is asked to exit. Rejects where a new one
   * fails; then the old ones stay. A call that is made before another one's roll has begun joins it.
   */
  roll(): Promise<void>;
  /** Where each socket of `listen` really listens. */
  readonly sockets: Readonly<Record<string, { readonly address: string; readonly port: number | undefined }>>;
  /** Whether units end more often than `maxRestarts` allows. */
  readonly degraded: boolean;
  /** Why the last roll failed; undefined where it did not. */
  readonly rollError: unknown;
}

/**
 * Makes a component of a number of processes or threads, each with a bus of its own on `unit()`.
 *
 * It is up when all units are ready. Its drain asks them to exit, and its stop waits until they are really gone. A unit that
 * ends unasked is replaced. The bus publishes `unit:start` and `unit:stop`.
 *
 * @throws {TypeError} Where an option is missing, unknown or of a wrong type.
 * @throws {RangeError} Where a number is out of range.
 *
 * @example
 * ```ts ignore
 * import { ProcessBus } from "@sitebus/sitebus";
 * import { native } from "@sitebus/sitebus/native";
 * import { pool } from "@sitebus/sitebus/units";
 *
 * const bus = new ProcessBus({ name: "site", platform: native() });
 * const web = bus.use(pool(bus, {
 *   name: "web",
 *   kind: "process",
 *   entry: new URL("./worker.ts", import.meta.url),
 *   listen: { web: { port: 8080 } },
 * }));
 * await bus.run();
 * ```
 */
export function pool(bus: SiteBus, options: PoolOptions): Component<Pool> {
  const settings = checkPool(options);
  const site = siteOf(bus);
  const { name, onDegraded } = settings;
  const { drainWithin, stopWithin } = options;
  return {
    name,
    ...(drainWithin !== undefined && { drainWithin }),
    ...(stopWithin !== undefined && { stopWithin }),
    start: async (phase): Promise<Pool> => {
      const run = await PoolRun.start({ bus, site, settings }, phase);
      const view: Pool = {
        units: () => run.crew.units,
        scale: async (count) => await run.crew.scale(checkSize(`Cannot scale the pool "${name}"`, count)),
        roll: () => run.crew.roll(),
        sockets: run.sockets,
        get degraded() {
          return run.crew.isDegraded;
        },
        get rollError() {
          return run.crew.rollError;
        },
      };
      runs.set(view, run);
      site.pools.add(view);
      return view;
    },
    ...(onDegraded === "exit" && { run: (pool: Pool, signal: AbortSignal) => runOf(pool).work(signal) }),
    check: (pool) => runOf(pool).check(),
    reload: (pool, reload) => runOf(pool).reload(reload),
    drain: (pool, phase) => runOf(pool).drain(phase),
    stop: (pool, phase) => {
      site.pools.delete(pool);
      return runOf(pool).stop(phase);
    },
  };
}

const runs = new WeakMap<Pool, PoolRun>();

function runOf(pool: Pool): PoolRun {
  return runs.get(pool)!;
}
