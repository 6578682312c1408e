/**
 * The part of a site that a crew needs, and the way it works.
 * @module
 */
import type { Clock } from "../../src/platform.ts";
import type { Carrier, SpawnPlan } from "./carrier.ts";
import type { Member, MemberOptions } from "./member.ts";
import type { ToSite } from "./protocol.ts";
import type { RestartLimits } from "./restarts.ts";

/** The part of its site that a crew uses. */
export interface CrewHost {
  readonly clock: Clock;
  log(message: string, details: CrewRecord): void;
  nextId(): number;
  welcome(slot: number): ReturnType<MemberOptions["welcome"]>;
  /** The bus of a unit runs: what is to be done before it is ready. */
  settle(member: Member): Promise<void> | undefined;
  /** A unit was started. */
  joined(member: Member): void;
  /** A unit said something that does not concern its crew. */
  heard(member: Member, message: ToSite): void;
}

/** The details of a log record of a crew. */
export interface CrewRecord {
  readonly level: "debug" | "info" | "warn" | "error";
  /** The event. */
  readonly event:
    | "unit ready"
    | "unit failed"
    | "unit killed"
    | "unit recycled"
    | "pool rolling"
    | "pool rolled"
    | "pool roll failed"
    | "pool degraded";
  /** The unit's name. */
  readonly unit?: string;
  readonly pid?: number | undefined;
  readonly error?: unknown;
  readonly ms?: number;
  /** Of a degraded pool: how many units were replaced within the window, and how many may be. */
  readonly restarts?: number;
  readonly maxRestarts?: number;
  readonly restartWindowMs?: number;
}

/** How a crew works. */
export interface CrewOptions extends RestartLimits {
  /** The pool's name. */
  readonly name: string;
  readonly carrier: Carrier;
  /** The program of a slot. */
  readonly plan: (slot: number) => Omit<SpawnPlan, "name">;
  readonly readyWithin: number;
  readonly steadyMs: number;
  /** Milliseconds in which a unit that is asked to exit drains and stops. */
  readonly endWithin: number;
  /** Whether a pool that is degraded ends its work with an error. */
  readonly failsUpward: boolean;
  /** How many units start at the same time. */
  readonly atOnce: number;
}
