/**
 * What is left of a run of tests, whatever ran them.
 * @module
 */

/** Something that did not hold: a test, a hook of a file, a rejection that nobody handled, a crash. */
export interface TestFailure {
  readonly name: string;
  readonly message: string;
}

/** A test that did not run, and why; empty where nobody said so. */
export interface TestSkip {
  readonly name: string;
  readonly why: string;
}

/** How tests went. */
export interface Report {
  readonly passed: number;
  readonly failures: readonly TestFailure[];
  readonly skips: readonly TestSkip[];
}

/** The line that our reporter for vitest prints for each test that has ended. */
export const TEST_ENDED = "sitebus: a test has ended";

/** Adds reports up. */
export function addReports(reports: readonly Report[]): Report {
  return {
    passed: reports.reduce((sum, { passed }) => sum + passed, 0),
    failures: reports.flatMap(({ failures }) => failures),
    skips: reports.flatMap(({ skips }) => skips),
  };
}

/** The report of a run that fell over, or that did nothing: that is a failure, too. */
export function crashed(name: string, message: string): Report {
  return { passed: 0, failures: [{ name, message }], skips: [] };
}
