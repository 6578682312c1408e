/**
 * Pools: a number of processes or threads that serve or work as one component of their site.
 * @module
 */
import type { Component } from "../../src/component.ts";
import type { Pool } from "./pool_value.ts";
import { checkPool, checkSize, type PoolOptions } from "./pool_options.ts";
import { PoolRun } from "./pool_run.ts";
import { forgetPool, notePool } from "./pools_of.ts";
import { type SiteBus, siteOf } from "./site.ts";

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
        name,
        units: () => run.crew.units,
        scale: async (count) => await run.crew.scale(checkSize(`Cannot scale the pool "${name}"`, count)),
        roll: () => run.crew.roll(),
        status: ({ within = STATUS_MS } = {}) => run.status(within),
        sockets: run.sockets,
        get degraded() {
          return run.crew.isDegraded;
        },
        get rollError() {
          return run.crew.history.rollError;
        },
      };
      runs.set(view, run);
      notePool(bus, view);
      return view;
    },
    ...(onDegraded === "exit" && { run: (pool: Pool, signal: AbortSignal) => runOf(pool).work(signal) }),
    check: (pool) => runOf(pool).check(),
    reload: (pool, reload) => runOf(pool).reload(reload),
    drain: (pool, phase) => runOf(pool).drain(phase),
    stop: (pool, phase) => {
      forgetPool(bus, pool);
      return runOf(pool).stop(phase);
    },
  };
}

/** How long units have to say how they are, in milliseconds. */
const STATUS_MS = 1000;

const runs = new WeakMap<Pool, PoolRun>();

function runOf(pool: Pool): PoolRun {
  return runs.get(pool)!;
}
