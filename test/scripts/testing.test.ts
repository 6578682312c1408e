import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { Ended } from "../../scripts/_command.ts";
import { parseJunit } from "../../scripts/testing/doc_tests.ts";
import { judge } from "../../scripts/testing/runners.ts";

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
