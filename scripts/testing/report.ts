/**
 * The report of a run of tests, the same for all runners.
 * @module
 */

/** A failure: of a test, of a hook in a file, an unhandled rejection, or a crash. */
export interface TestFailure {
  readonly name: string;
  readonly message: string;
}

/** A test that did not run. `why` is the reason, empty if the test gives none. */
export interface TestSkip {
  readonly name: string;
  readonly why: string;
}

/** The results of tests. */
export interface Report {
  readonly passed: number;
  readonly failures: readonly TestFailure[];
  readonly skips: readonly TestSkip[];
}

/** The line that our reporter for vitest prints when a test has ended. */
export const TEST_ENDED = "sitebus: a test has ended";

/** Adds reports up. */
export function addReports(reports: readonly Report[]): Report {
  return {
    passed: reports.reduce((sum, { passed }) => sum + passed, 0),
    failures: reports.flatMap(({ failures }) => failures),
    skips: reports.flatMap(({ skips }) => skips),
  };
}

/** Returns the report of a run that crashed or ran no test, which is one failure. */
export function crashed(name: string, message: string): Report {
  return { passed: 0, failures: [{ name, message }], skips: [] };
}
