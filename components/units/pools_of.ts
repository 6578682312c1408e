/**
 * The pools of a bus, for those who show and control them. It loads nothing of the pools themselves.
 * @module
 */
import type { Pool } from "./pool_value.ts";

const pools = new WeakMap<object, Set<Pool>>();

/** The pools of a bus that run, in the order of their starts. */
export function poolsOf(bus: object): readonly Pool[] {
  return [...pools.get(bus) ?? []];
}

/** A pool of the bus runs. */
export function notePool(bus: object, pool: Pool): void {
  const known = pools.get(bus) ?? new Set();
  pools.set(bus, known.add(pool));
}

/** A pool of the bus has ended. */
export function forgetPool(bus: object, pool: Pool): void {
  pools.get(bus)?.delete(pool);
}
