/**
 * One test of the suite, and what it is given.
 * @module
 */
import type { Flags, Subject } from "./subject.ts";

/** Compares a value with what is expected of it, and throws where they differ. */
export type Expect = (value: unknown) => { toEqual(expected: unknown): unknown };

/** The context of a test of the suite, besides its subject. */
export interface SuiteTools {
  readonly flags: Flags;
  readonly expect: Expect;
}

/** One test of the suite. */
export interface SuiteTest {
  readonly title: string;
  /** The flags without which it is skipped. Default none. */
  readonly needs?: readonly (keyof Flags)[];
  readonly run: (subject: Subject, tools: SuiteTools) => void | Promise<void>;
}

/** The value, or "at least …" where it is that, so that `toEqual` compares and shows what was found. */
export function atLeast(value: number, least: number): number | string {
  return value >= least ? `at least ${least}` : value;
}
