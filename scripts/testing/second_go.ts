/**
 * A second go for what failed beside others: real processes and real time are at the mercy of the machine, and
 * `npm test` keeps it as busy as it can. What then holds is not hidden: it is listed, with what it said at first.
 * @module
 */
import type { Report, TestFailure } from "./report.ts";

/** More files than this have not failed by chance. */
const MOST_FILES = 5;

/** A report after a second go, and what held in that. */
export interface SecondGo {
  readonly report: Report;
  readonly held: readonly TestFailure[];
}

/** Runs the files of those failures once more that may be the machine's, with nothing beside them. */
export async function secondGo(
  report: Report,
  run: (files: readonly string[]) => Promise<Report>,
): Promise<SecondGo> {
  const files = new Set(report.failures.map(fileOf).filter((file) => file !== undefined));
  if (files.size === 0 || files.size > MOST_FILES) return { report, held: [] };
  const again = await run([...files]);
  // What names no test is a crash: then nothing has held.
  const fails = (file: string | undefined) =>
    file === undefined || again.failures.some((failure) => (fileOf(failure) ?? file) === file);
  const held = again.passed === 0 ? [] : report.failures.filter((failure) => !fails(fileOf(failure)));
  const failures = report.failures.filter((failure) => !held.includes(failure));
  return { report: { ...report, passed: report.passed + held.length, failures }, held };
}

/**
 * The file of a test that real time may have failed. Not the core's, which has a clock of its own, nor a property: what
 * was found against it once is found for good.
 */
function fileOf({ name, message }: TestFailure): string | undefined {
  const [, file] = /^(test\/\S+\.test\.ts)(?= > |$)/.exec(name) ?? [];
  return file?.startsWith("test/src/") || message.includes("Property failed after") ? undefined : file;
}
