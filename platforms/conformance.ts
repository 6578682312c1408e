/**
 * The rules that every platform must obey, as one suite for the author of a platform: over the `describe`, `test` and `expect` of any
 * test runner, vitest, Jest, `bun:test`, `@std/testing/bdd`.
 *
 * A test file hands the platform in, and says with `flags` what it can. Where it cannot, the flag is the reason, and the
 * tests that need it are skipped with these words.
 *
 * @example
 * ```ts ignore
 * import { inline } from "@sitebus/sitebus";
 * import { conformance } from "@sitebus/sitebus/conformance";
 * import { describe, expect, test } from "vitest";
 *
 * const alone = "promises alone: there is no process to ask or to end";
 * conformance("inline", () => inline(), {
 *   describe,
 *   test,
 *   expect,
 *   flags: {
 *     parks: true,
 *     signals: alone,
 *     notices: alone,
 *     exitCode: alone,
 *     context: "it does not know who asks",
 *     exclusive: "it holds nothing that only one bus may have",
 *     respawns: alone,
 *   },
 * });
 * ```
 * @module
 */
import { callTests } from "./conformance/call_tests.ts";
import { clockTests } from "./conformance/clock_tests.ts";
import { hostTests } from "./conformance/host_tests.ts";
import { lifeTests } from "./conformance/life_tests.ts";
import type { Flags, Subject } from "./conformance/subject.ts";
import type { Expect } from "./conformance/suite.ts";
import { checkFunction } from "../src/check.ts";
import type { Platform } from "../src/platform.ts";

export { type Flag, type Flags, ofProcess, type Subject } from "./conformance/subject.ts";
export type { Expect } from "./conformance/suite.ts";
export {
  type RecordedControl,
  recordedControl,
  type RecordedLog,
  type RecordedRequest,
} from "./conformance/recorded_control.ts";

/** How a test is registered, and run later. */
export interface RegisterTest {
  (title: string, body: () => Promise<void>): unknown;
  /** Registers a test that is not run. */
  readonly skip?: (title: string, body: () => Promise<void>) => unknown;
}

/** The test functions that the suite is registered with. */
export interface ConformanceOptions {
  /** The abilities of the platform, each with the reason if it is missing. */
  readonly flags: Flags;
  /** Groups tests. */
  readonly describe: (name: string, body: () => void) => unknown;
  /** Registers a test. */
  readonly test: RegisterTest;
  /** Compares. Nothing but `toEqual` is called of what it returns. */
  readonly expect: Expect;
  /** Registers a test that is skipped, and says why. Default: by `test.skip`, with the reason in the title. */
  readonly skip?: (title: string, why: string) => unknown;
}

/**
 * Registers the suite for one platform.
 *
 * @param name What its group of tests is called.
 * @param make Makes the platform, once for each test: the platform alone, or a subject with what a test may do to its host.
 * @param options The test runner's functions, and the flags.
 * @throws {TypeError} If `make`, `describe`, `test` or `expect` is no function.
 */
export function conformance(name: string, make: () => Platform | Subject, options: ConformanceOptions): void {
  const { flags, describe, test, expect } = options;
  const functions = { make, describe, test, expect };
  for (const [field, value] of Object.entries(functions)) {
    checkFunction("Cannot register the conformance suite", field, value);
  }
  const skip = options.skip ?? ((title, why) => test.skip?.(`${title}: ${why}`, async () => {}));
  const tests = [...clockTests, ...hostTests, ...callTests, ...lifeTests];
  describe(`the ${name} platform`, () => {
    for (const { title, needs = [], run } of tests) {
      const missing = needs.find((flag) => flags[flag] !== true);
      if (missing !== undefined) skip(title, `${missing}: ${flags[missing]}`);
      else test(title, () => withSubject(make, (subject) => run(subject, { flags, expect })));
    }
  });
}

async function withSubject(
  make: () => Platform | Subject,
  body: (subject: Subject) => void | Promise<void>,
): Promise<void> {
  const made = make();
  const subject: Subject = "platform" in made ? made : { platform: made };
  try {
    await body(subject);
  } finally {
    subject.dispose?.();
  }
}
