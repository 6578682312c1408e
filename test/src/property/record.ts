/**
 * What is written down of a random program while it plays.
 * @module
 */
import { ChannelFailures, type Phase, type Signal, type State } from "../../../mod.ts";
import type { Ask, ListenerPlan } from "./plan.ts";

/** What a function of the program gets to work with: a phase, or the little that `run` and `reload` have. */
export interface Context {
  readonly signal: Signal | undefined;
  readonly phase: Phase | undefined;
}

/** One call of a function of the program by the bus. */
export interface Body {
  readonly owner: string;
  /** `start`, `stop`, `drain`, `run`, `reload`, `commit`, `rollback`, `listener`, `attach`, `leave`, `respawn`, `hold`. */
  readonly part: string;
  readonly listener: ListenerPlan | undefined;
  readonly phase: Phase | undefined;
  /** The state that the bus stood in, and the number of its pulse. */
  readonly state: State;
  readonly pulse: number;
  readonly began: number;
  /** What the bus was on its way to. */
  readonly goal: string | undefined;
  /** Its driver died while it ran, or in the very moment of its end. */
  abandoned?: "sure" | "maybe";
  /** Whether it is a guest's, which no phase waits for but those of the end. */
  readonly isGuest: boolean;
  /** The stop of a start that ended too late: no phase waits for it. */
  aside?: boolean;
  ended?: {
    readonly at: number;
    readonly pulse: number;
    readonly error?: unknown;
    readonly failed: boolean;
    readonly inTime: boolean;
    /** Whether it returned or threw before its caller went on: the bus knows of it at once. */
    readonly atOnce: boolean;
  };
}

/** One promise that the bus handed out. */
export interface Promised {
  readonly what: Ask;
  readonly text: string;
  readonly asked: number;
  readonly pulse: number;
  readonly state: State;
  readonly settled: boolean;
  /** Whether the exit was asked for before. */
  readonly leaving: boolean;
  outcome?: {
    readonly at: number;
    readonly pulse: number;
    readonly value?: unknown;
    readonly error?: unknown;
    readonly failed: boolean;
  };
}

/** A signal, a notice or a call for the end, as the driver gave it. */
export interface Ending {
  readonly at: number;
  readonly state: State;
  readonly settled: boolean;
  readonly what: Ask;
}

/** What was prepared for a reload. */
export interface PreparedRecord {
  readonly owner: string;
  readonly generation: number;
  /** Which reload it was for: a vetoed one leaves its generation to the next. No two have the same details. */
  readonly reload: unknown;
  readonly hasRollback: boolean;
  readonly inTime: boolean;
  readonly commits: number[];
  readonly rollbacks: number[];
}

/** A promise of the design that was not kept, with all that led to it. */
export class Broken extends Error {
  override readonly name = "Broken";
}

/** Whether the error, or one of those that it collects, is `wanted`. */
export function holds(error: unknown, wanted: unknown): boolean {
  if (Object.is(error, wanted)) return true;
  try {
    if (error instanceof ChannelFailures) return error.errors.some((inner) => holds(inner, wanted));
    const { cause } = error as Error;
    return error instanceof Error && cause !== undefined && cause !== error && holds(cause, wanted);
  } catch {
    // An odd error throws when it is looked at.
    return false;
  }
}

/** Whether a function of the program has thrown it, and it is no odd one. */
export function isOwn(error: unknown): error is Error {
  try {
    return error instanceof Error && /^E\d+ of /.test(error.message);
  } catch {
    return false;
  }
}

/** Anything as text. */
export function textOf(value: unknown): string {
  try {
    return String(value);
  } catch {
    return "an odd value";
  }
}

/** What comes of an odd thenable: nothing ever, a failure, or a value; it is known at once. */
export function comesOf(name: string): "hangs" | "fails" | "ends" {
  if (/never answers|second then alone/.test(name)) return "hangs";
  if (/twice|yes and|once|own then is none|thenable function/.test(name)) return "ends";
  return "fails";
}
