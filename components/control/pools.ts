/**
 * What control needs of pools and units. The pools of `sitebus/units` are such; control itself does not load them.
 * @module
 */

/** A unit: a thread, a child process or a task. */
export interface UnitLike {
  readonly id: number;
  readonly name: string;
  readonly kind: string;
  /** When it was started, in milliseconds since 1970. */
  readonly since: number;
  readonly pid?: number;
  readonly state: string;
  readonly generation: number;
  /** The requests that it has in flight, where it tells. */
  readonly inFlight?: number;
}

/** A pool that is up. */
export interface PoolLike {
  units(): readonly UnitLike[];
  scale(count: number): Promise<void>;
  roll(): Promise<void>;
  readonly degraded: boolean;
  readonly rollError: unknown;
}

/** A component that is a pool. */
export interface PoolHandle {
  readonly name: string;
  /** @throws {Error} While it is not up. */
  readonly value: PoolLike;
}
