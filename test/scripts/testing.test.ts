import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { Ended } from "../../scripts/command.ts";
import { listFiles } from "../../scripts/check/sources.ts";
import { type FrameworksOptions, runOnFrameworks } from "../../scripts/testing/frameworks.ts";
import { parseJunit } from "../../scripts/testing/doc_tests.ts";
import type { Report } from "../../scripts/testing/report.ts";
import { judge, runners } from "../../scripts/testing/runners.ts";
import { secondGo } from "../../scripts/testing/second_go.ts";
import { root } from "../../scripts/tools.ts";

// What `npm test` counts has to be what happened, above all where a run fell over.
describe("the report of a run", () => {
  const sound = { passed: 3, failures: [], skips: [] };
  const failing = { passed: 2, failures: [{ name: "a", message: "b" }], skips: [] };
  const ended: Ended = { code: 0, stdout: "", stderr: "", output: "said this", ms: 1 };
  let folder: string;
  let path: string;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "sitebus-judge-"));
    path = join(folder, "report.json");
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  const judged = (report: unknown, how: Partial<Ended>) => {
    if (report !== undefined) writeFileSync(path, JSON.stringify(report));
    return judge("node26", { ...ended, ...how }, path);
  };

  test("is taken as it is where the run ended well", () => {
    expect(judged(sound, { code: 0 })).toEqual(sound);
  });

  test("is taken as it is where failures say why the run did not end well", () => {
    expect(judged(failing, { code: 1 })).toEqual(failing);
  });

  test("that knows no failure of a run that failed gets one", () => {
    expect(judged(sound, { code: 1 })).toEqual({
      ...sound,
      failures: [{ name: "node26", message: "ended with 1\nsaid this" }],
    });
  });

  test("of a run that crashed after its tests gets a failure", () => {
    const { failures } = judged(failing, { code: null, crash: "took longer than 300 s" });
    expect(failures.map(({ message }) => message)).toEqual(["b", "took longer than 300 s\nsaid this"]);
  });

  test("that was never written is a failure", () => {
    const { passed, failures } = judged(undefined, { code: 0 });
    expect(passed).toBe(0);
    expect(failures).toEqual([{ name: "node26", message: "ended with 0, without a report\nsaid this" }]);
  });
});

describe("a second go", () => {
  const failure = (name: string, message = "took too long") => ({ name, message });
  const slow = failure("test/platforms/posix/hang.test.ts > ends in time");
  const other = failure("test/cli/serve.test.ts > answers");
  const report = (failures: Report["failures"], passed = 3): Report => ({ passed, failures, skips: [] });
  const go = async (first: Report, second?: Report) => {
    const ran: (readonly string[])[] = [];
    const run = async (files: readonly string[]) => {
      ran.push(files);
      return second ?? report([]);
    };
    return { ...await secondGo(first, run), ran };
  };

  test("counts what holds then as passed, and says what it was", async () => {
    expect(await go(report([slow, other]), report([failure(other.name, "is late")]))).toEqual({
      report: report([other], 4),
      held: [slow],
      ran: [["test/platforms/posix/hang.test.ts", "test/cli/serve.test.ts"]],
    });
  });

  test("is not asked for where nothing failed, and not where much did", async () => {
    const much = report(Array.from({ length: 6 }, (_, n) => failure(`test/cli/${n}.test.ts > runs`)));
    for (const first of [report([]), much]) {
      expect(await go(first)).toEqual({ report: first, held: [], ran: [] });
    }
  });

  test.each([
    failure("test/src/bus.test.ts > stops", "expected 1 to be 2"),
    failure("test/platforms/serverless/schedules.test.ts > starts once", "Property failed after 7 tests"),
    failure("bun", "ended with 139, without a report"),
  ])("is not given to $name", async (certain) => {
    const { report: { failures }, held, ran } = await go(report([certain, slow]));
    expect([failures, held, ran]).toEqual([[certain], [slow], [["test/platforms/posix/hang.test.ts"]]]);
  });

  test.each([
    ["fails at another test of the file", report([failure("test/platforms/posix/hang.test.ts > other")])],
    ["fails before any test of the file", report([failure("test/platforms/posix/hang.test.ts")])],
    ["falls over", report([failure("bun", "ended with 139")])],
    ["runs nothing", report([], 0)],
  ])("that %s changes nothing", async (_, second) => {
    const first = report([slow]);
    expect(await go(first, second)).toMatchObject({ report: first, held: [] });
  });
});

test("the examples that Deno ran are counted, and what they said is readable", () => {
  expect(parseJunit(`<?xml version="1.0" encoding="UTF-8"?>
<testsuites name="deno test" tests="3" failures="1" errors="0" time="0.1">
  <testsuite name="a.ts" tests="3" disabled="0" errors="0" failures="1">
    <testcase name="a.ts$1-3.ts" classname="a.ts" time="0.001" line="1" col="1">
    </testcase>
    <testcase name="a.ts$4-6.ts" classname="a.ts" time="0.001" line="1" col="1">
      <failure message="Uncaught Error">Error: &lt;bad&gt; &amp; &quot;so&#39; on</failure>
    </testcase>
    <testcase name="a.ts$7-9.ts" classname="a.ts" time="0" line="1" col="1"><skipped/></testcase>
  </testsuite>
</testsuites>`)).toEqual({
    passed: 1,
    failures: [{ name: "a.ts$4-6.ts", message: `Error: <bad> & "so' on` }],
    skips: [{ name: "a.ts$7-9.ts", why: "" }],
  });
});

describe("the examples that are projects with frameworks", () => {
  const files = ["test/cli/installed_frameworks.test.ts"];
  const failed: Report = {
    passed: 1,
    failures: [{ name: `${files[0]} > stops`, message: "late" }],
    skips: [],
  };
  const go = async (options: Partial<FrameworksOptions>) => {
    const ran: unknown[] = [];
    const report = await runOnFrameworks(files, {
      runtimes: ["node26", "deno"],
      run: async (...given) => {
        ran.push(given);
        return failed;
      },
      install: async () => "/projects",
      wanted: true,
      ...options,
    });
    return { report, ran };
  };

  test("are installed once, and served on each runtime, which a failure names", async () => {
    let installs = 0;
    const install = async () => `/projects/${++installs}`;
    expect(await go({ install })).toEqual({
      report: {
        passed: 2,
        failures: ["node26", "deno"].map((name) => ({
          name: `${files[0]} > stops`,
          message: `on ${name}: late`,
        })),
        skips: [],
      },
      ran: [
        ["node26", { SITEBUS_FRAMEWORKS: "/projects/1" }],
        ["deno", { SITEBUS_FRAMEWORKS: "/projects/1" }],
      ],
    });
  });

  test("are skipped where nobody wants them, with what to do about it", async () => {
    const { report, ran } = await go({ wanted: false });
    expect(report).toEqual({ passed: 0, failures: [], skips: [{ name: files[0], why: expect.any(String) }] });
    expect(report.skips[0]?.why).toContain("CI=true npm test -- frameworks");
    expect(ran).toEqual([]);
  });

  test("that cannot be installed are a failure", async () => {
    const { report } = await go({ install: () => Promise.reject(new Error("npm ci ended with 1")) });
    expect(report).toEqual({
      passed: 0,
      failures: [{ name: "frameworks", message: "npm ci ended with 1" }],
      skips: [],
    });
  });
});

test("every test file of the repository is run by a runner, and by the right ones", () => {
  const names = (path: string) => runners.filter(({ takes }) => takes(path)).map(({ name }) => name);
  const everywhere = ["bun", "deno", "node26", "node24", "node22"];
  expect(names("test/cli/serve.test.ts").sort()).toEqual([...everywhere].sort());
  expect(names("test/src/bus.test.ts").sort()).toEqual([...everywhere, "workerd"].sort());
  expect(names("test/scripts/check.test.ts")).toEqual(["scripts"]);
  expect(names("test/windows/events.test.ts")).toEqual(["windows"]);
  expect(names("test/cli/installed_frameworks.test.ts")).toEqual(["frameworks"]);
  const tests = listFiles(root).filter((path) => path.startsWith("test/") && path.endsWith(".test.ts"));
  expect(tests.filter((path) => names(path).length === 0)).toEqual([]);
});
