/**
 * vitest's reporter for `npm test`: prints a line when a test has ended, and writes the report of the whole run to the
 * file that SITEBUS_REPORT names. vitest's own JSON has neither the reason of a skip nor the errors that no test caught.
 * @module
 */
import { writeFileSync } from "node:fs";
import process from "node:process";
import type { Reporter, SerializedError, TestCase, TestModule, TestSuite } from "vitest/node";
import { addReports, type Report, TEST_ENDED } from "./report.ts";

/** The reporter. vitest makes one for each run. */
export default class ReportFile implements Reporter {
  /** Called by vitest after each test. */
  onTestCaseResult(): void {
    process.stdout.write(`${TEST_ENDED}\n`);
  }

  /** Called by vitest when all tests have ended. */
  onTestRunEnd(modules: readonly TestModule[], unhandled: readonly SerializedError[]): void {
    const path = process.env["SITEBUS_REPORT"];
    if (path === undefined) {
      throw new Error("Cannot write the report of the tests: SITEBUS_REPORT is not set");
    }
    const report = addReports([
      ...modules.map(reportModule),
      { passed: 0, failures: unhandled.map((error) => failure("unhandled error", error)), skips: [] },
    ]);
    writeFileSync(path, JSON.stringify(report));
  }
}

function reportModule(module: TestModule): Report {
  const path = module.relativeModuleId;
  const hooks = [module, ...module.children.allSuites()].flatMap((suite: TestModule | TestSuite) =>
    suite.errors().map((error) => failure("fullName" in suite ? `${path} > ${suite.fullName}` : path, error))
  );
  const tests = [...module.children.allTests()].map((test) => reportTest(test, path));
  return addReports([{ passed: 0, failures: hooks, skips: [] }, ...tests]);
}

function reportTest(test: TestCase, path: string): Report {
  const result = test.result();
  const name = `${path} > ${test.fullName}`;
  if (result.state === "passed") return { passed: 1, failures: [], skips: [] };
  if (result.state === "skipped") {
    return { passed: 0, failures: [], skips: [{ name, why: result.note ?? "" }] };
  }
  // A test that is still "pending" at the end never ended: it counts as failed.
  const errors = result.state === "failed" ? result.errors : [];
  const failures = errors.length > 0
    ? errors.slice(0, 1).map((error) => failure(name, error))
    : [{ name, message: `is ${result.state} and has no error` }];
  return { passed: 0, failures, skips: [] };
}

function failure(name: string, error: SerializedError): { name: string; message: string } {
  const said = [error.stack ?? `${error.name}: ${error.message}`, error.diff ?? ""].join("\n");
  // Removes the lines of the stack inside vitest and the runtime, which do not help the reader.
  const inside = /^ +at .*(node_modules|node:internal|ext:)/;
  return { name, message: said.split("\n").filter((line) => line !== "" && !inside.test(line)).join("\n") };
}
