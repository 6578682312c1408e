/**
 * Runs failed test files a second time, alone. Tests with real processes and real time can fail on a busy machine, and
 * `npm test` keeps the machine busy. A test that passes the second time is listed, with the message of its first failure.
 * @module
 */
import type { Report, TestFailure } from "./report.ts";

/** The most files that run a second time. More failures than this are not due to chance. */
const MOST_FILES = 5;

/** The report after the second run, and the failures of the first run that passed in the second. */
export interface SecondGo {
  readonly report: Report;
  readonly held: readonly TestFailure[];
}

/** Runs the files again whose failures may be due to a busy machine, with no other runner at the same time. */
export async function secondGo(
  report: Report,
  run: (files: readonly string[]) => Promise<Report>,
): Promise<SecondGo> {
  const files = new Set(report.failures.map(fileOf).filter((file) => file !== undefined));
  if (files.size === 0 || files.size > MOST_FILES) return { report, held: [] };
  const again = await run([...files]);
  // A failure without the name of a test is a crash: then no test has passed.
  const fails = (file: string | undefined) =>
    file === undefined || again.failures.some((failure) => (fileOf(failure) ?? file) === file);
  const held = again.passed === 0 ? [] : report.failures.filter((failure) => !fails(fileOf(failure)));
  const failures = report.failures.filter((failure) => !held.includes(failure));
  return { report: { ...report, passed: report.passed + held.length, failures }, held };
}

/**
 * Returns the file of a test whose failure may be due to a busy machine. Undefined for tests of the core, which have a virtual
 * clock, and for property tests: a counterexample that was found once stays valid.
 */
function fileOf({ name, message }: TestFailure): string | undefined {
  const [, file] = /^(test\/\S+\.test\.ts)(?= > |$)/.exec(name) ?? [];
  return file?.startsWith("test/src/") || message.includes("Property failed after") ? undefined : file;
}
