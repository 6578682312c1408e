/**
 * A carrier is the process or the thread of a unit. A pool knows neither of the two, only this interface.
 * @module
 */
import type { UrlLike } from "../../src/internal.ts";
import type { ToUnit } from "./protocol.ts";

/** How a carrier starts a unit. */
export interface SpawnPlan {
  /** The program: a path, or a URL with `file:`. */
  readonly entry: string | UrlLike;
  /** The program's arguments. */
  readonly args: readonly string[];
  /** The whole environment. */
  readonly env: Readonly<Record<string, string>>;
  /** The unit's name, such as "web/3". */
  readonly name: string;
}

/** How what carried a unit ended, as the runtime tells. */
export interface CarriedEnd {
  readonly code?: number;
  readonly signal?: string;
  /** The error that kept the carrier from starting, or an uncaught error. */
  readonly error?: unknown;
}

/** The events of a carrier. */
export interface CarriedEvents {
  /** It said something; it may be any value. */
  received(message: unknown): void;
  /** It is really gone. Once, and never before {@linkcode Carrier.start} has returned. */
  ended(end: CarriedEnd): void;
  /** It was ended by force, and the runtime does not tell whether it is gone. In place of `ended`. */
  lost(): void;
}

/** A unit that was started. Nothing here throws. */
export interface Carried {
  /** The id of its process; undefined where it has none of its own, or could not be started. */
  readonly pid?: number | undefined;
  /** Says something to it; to one that is gone, nothing happens. */
  send(message: ToUnit): void;
  /** Ends it by force; what comes of that is told by the events. */
  kill(): void;
}

/** One way to carry units. */
export interface Carrier {
  readonly kind: "process" | "thread";
  /** Whether units are asked by signals: then they need no bus to hear it. */
  readonly bySignals?: boolean;
  /** Starts one. What it cannot do is told by `ended`, with its error. */
  start(plan: SpawnPlan, events: CarriedEvents): Carried;
}
