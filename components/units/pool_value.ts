/**
 * The value of the component of a pool, and its status.
 * @module
 */
import type { Unit } from "./unit.ts";

/** A pool that runs: the value of its component. */
export interface Pool {
  /** Its name. */
  readonly name: string;
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
  /**
   * Asks all units how they are, and tells it with what is known of the pool. A unit that does not answer within `within`
   * milliseconds, by default 1 000, has neither `memory` nor `inFlight`. Never rejects.
   */
  status(options?: { readonly within?: number }): Promise<PoolStatus>;
  /** Where each socket of `listen` really listens. */
  readonly sockets: Readonly<Record<string, { readonly address: string; readonly port: number | undefined }>>;
  /** Whether units end more often than `maxRestarts` allows. */
  readonly degraded: boolean;
  /** Why the last roll failed; undefined where it did not. */
  readonly rollError: unknown;
}

/** How a pool is: plain data. */
export interface PoolStatus {
  /** Its name. */
  readonly name: string;
  /** The kind of its units. */
  readonly kind: "process" | "thread";
  /** How many units there are to be. */
  readonly count: number;
  /** How many serve. */
  readonly serving: number;
  /** Whether a roll is under way. */
  readonly rolling: boolean;
  /** Since when units end more often than they may; undefined where they do not. */
  readonly degraded?: DegradedStatus;
  /** The outcome of the last roll; undefined if there was none. */
  readonly lastRoll?: RollStatus;
  /** Its units that are not at their real end. */
  readonly units: readonly UnitStatus[];
}

/** That units end too often. */
export interface DegradedStatus {
  /** Since when, in milliseconds since 1970. */
  readonly since: number;
  /** How many of them were replaced within the window. */
  readonly restarts: number;
  /** How many are allowed. */
  readonly maxRestarts: number;
  /** The window, in milliseconds. */
  readonly restartWindowMs: number;
}

/** The outcome of a roll. */
export interface RollStatus {
  /** Whether all units were replaced. Where it is false, the old ones that were left stay. */
  readonly ok: boolean;
  /** When it ended, in milliseconds since 1970. */
  readonly at: number;
  /** How long it took, in milliseconds. */
  readonly ms: number;
  /** Why it failed. */
  readonly error?: string;
}

/** How one unit is. */
export interface UnitStatus
  extends Pick<Unit, "id" | "name" | "kind" | "since" | "pid" | "state" | "generation"> {
  /** The resident memory of its process, in bytes; undefined for a thread. */
  readonly memory?: number;
  /** How many requests its servers have in flight; undefined where it has none of `sitebus/http`. */
  readonly inFlight?: number;
}
