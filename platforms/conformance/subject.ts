/**
 * One platform that is held against the suite: what it can do, and what a test may do to its host.
 * @module
 */
import type { Platform } from "../../src/platform.ts";
import { webClock } from "../../src/web_clock.ts";

/** `true`, or in words why not. */
export type Flag = true | string;

/** The abilities of a platform. */
export interface Flags {
  /** `park` waits; where the host owns the loop it throws a `TraitError` instead. */
  readonly parks: Flag;
  /** Signals arrive: the subject has `deliver`. */
  readonly signals: Flag;
  /** The host may say that it ends the process: the subject has `notice`. */
  readonly notices: Flag;
  /** `leave` sets an exit code, which the subject's `exitCode` reads. */
  readonly exitCode: Flag;
  /** It knows who asks: it has a `context`. */
  readonly context: Flag;
  /** It takes one bus only: a second attach is refused. */
  readonly exclusive: Flag;
  /** It can start a successor: it has a `respawn`. */
  readonly respawns: Flag;
}

/** The abilities of the platform of a process of an operating system. */
export const ofProcess: Flags = {
  parks: true,
  signals: true,
  exitCode: true,
  context: true,
  exclusive: true,
  respawns: true,
  notices: "what the operating system gives notice of comes as a signal",
};

/** One platform, made for one test, with what the test may do to its host. */
export interface Subject {
  /** The platform, which nothing was done with yet. */
  readonly platform: Platform;
  /** The signal that asks for an exit, with its number. Default SIGTERM, 15. */
  readonly signal?: { readonly name: string; readonly number: number };
  /** Delivers a signal; resolves when the platform has been told of it. With the flag `signals`. */
  deliver?(name: string): void | Promise<void>;
  /** Says that the host ends the process in so many milliseconds, by the clock of the platform. With the flag `notices`. */
  notice?(leftMs: number): void | Promise<void>;
  /** The exit code that `leave` has set; undefined where it has set none. With the flag `exitCode`. */
  exitCode?(): number | undefined;
  /** A second platform on the same host. With the flag `exclusive`. Default: the same one is attached twice. */
  second?(): Platform;
  /** Lets so many milliseconds of the platform's clock pass. Default: real time. */
  advance?(ms: number): void | Promise<void>;
  /** Lets time pass until the promise settles. Default: real time passes by itself. */
  settle?<T>(promise: Promise<T>): Promise<T>;
  /** Describes the resources that are still held after `leave`: listeners, timers. Default nothing. */
  left?(): readonly string[];
  /** Undoes what the test did to the host. Called after each test. */
  dispose?(): void;
}

/** The signal that asks a subject for an exit. */
export function signalOf(subject: Subject): { readonly name: string; readonly number: number } {
  return subject.signal ?? { name: "SIGTERM", number: 15 };
}

/** Waits for a promise of a subject. */
export function settle<T>(subject: Subject, promise: Promise<T>): Promise<T> {
  return subject.settle?.(promise) ?? promise;
}

/** Lets time pass for a subject. */
export async function pass(subject: Subject, ms: number): Promise<void> {
  if (subject.advance) await subject.advance(ms);
  else await new Promise<void>((resolve) => void webClock.setTimer(ms, resolve));
}
