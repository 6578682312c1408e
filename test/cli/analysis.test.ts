import { describe, expect, test } from "vitest";
import { analyze, median } from "../../cli/analysis.ts";
import { analysisText } from "../../cli/analysis_text.ts";
import type { Trial, TrialComponent, TrialRecord } from "../../cli/trial.ts";

/** A trial in which each component took so long to start and to stop. */
function trialOf(
  components: readonly TrialComponent[],
  times: Readonly<Record<string, readonly [start: number, stop: number]>>,
): Trial {
  const record = (component: string, status: string, ms: number): TrialRecord => ({
    ...{ time: 0, level: "info", message: "", event: "component" },
    ...{ component, status, ms },
  });
  const records = Object.entries(times).flatMap(([name, [start, stop]]) => [
    record(name, "up", start),
    record(name, "down", stop),
  ]);
  return {
    ...{ bootMs: 100, loadMs: 20, setupMs: 2, components, records, left: [], ignored: [] },
    code: 0,
    ms: 300,
  };
}

const COMPONENTS: readonly TrialComponent[] = [
  { name: "config", dependsOn: [] },
  { name: "db", dependsOn: ["config"] },
  { name: "cache", dependsOn: ["config"] },
  { name: "queue", dependsOn: ["db"] },
  { name: "http", dependsOn: "all" },
];

const TIMES = { config: [30, 0], db: [80, 20], cache: [50, 10], queue: [60, 40], http: [5, 1] } as const;

test.each([[[], 0], [[3], 3], [[3, 1], 2], [[9, 1, 5], 5]])("the median of %j is %d", (numbers, expected) => {
  expect(median(numbers)).toBe(expected);
});

describe("an analysis", () => {
  const { start, stop } = analyze([trialOf(COMPONENTS, TIMES)]);

  test("begins each step as soon as those that it waits for have ended", () => {
    expect(start.steps.map(({ name, from }) => [name, from])).toEqual([
      ["config", 0],
      ["db", 30],
      ["cache", 30],
      ["queue", 110],
      ["http", 170],
    ]);
    expect(start.ms).toBe(175);
  });

  test("finds the critical path of the start and of the stop", () => {
    expect(start.critical).toEqual(["config", "db", "queue", "http"]);
    expect(stop.critical.slice(0, 3)).toEqual(["http", "queue", "db"]);
    expect(stop.ms).toBe(61);
  });

  test("says what would be gained by which parallel step, the most first", () => {
    expect(start.gains).toEqual([
      // Then "config → cache" and "config → db" are both 80 and 110 ms long.
      { component: "queue", waitsFor: "db", ms: 60 },
      { component: "db", waitsFor: "config", ms: 30 },
    ]);
    expect(stop.gains).toEqual([{ component: "db", waitsFor: "queue", ms: 20 }]);
  });

  test("offers no gain where a component waits for all", () => {
    const both = analyze([trialOf(
      [{ name: "db", dependsOn: [] }, { name: "http", dependsOn: "all" }],
      { db: [50, 5], http: [10, 1] },
    )]);
    expect(both.start.gains).toEqual([]);
    expect(analysisText(both, { title: "app.ts" })).toContain("no\nstep to run beside another");
  });

  test("takes the median of each step", () => {
    const only: TrialComponent[] = [{ name: "db", dependsOn: [] }];
    const trials = [10, 90, 20].map((ms) => trialOf(only, { db: [ms, 1] }));
    expect(analyze(trials).start.ms).toBe(20);
  });

  test("of an application without components is empty", () => {
    const { start, stop } = analyze([trialOf([], {})]);
    expect([start, stop]).toEqual(Array(2).fill({ ms: 0, steps: [], critical: [], gains: [] }));
  });

  test("leaves out a dependency that did not start", () => {
    const { start } = analyze([trialOf([{ name: "db", dependsOn: ["gone"] }], { db: [7, 1] })]);
    expect(start.steps).toEqual([{ name: "db", from: 0, ms: 7, critical: true, after: [] }]);
  });
});

describe("the page of an analysis", () => {
  const text = analysisText(analyze([trialOf(COMPONENTS, TIMES)]), { title: "app.ts on Node 26.0.0" });

  test("fits its columns", () => {
    expect(text.split("\n").filter((line) => line.length > 80)).toEqual([]);
  });

  test("has a bar for each component, and marks the critical path", () => {
    for (const { name } of COMPONENTS) expect(text).toMatch(new RegExp(`^[* ] ${name} +[\\d.]+ ms +█`, "m"));
    expect(text).toMatch(/^\* queue/m);
    expect(text).toMatch(/^ {2}cache/m);
    expect(text).toContain("  start: config → db → queue → http, 175 ms\n");
    expect(text).toContain('60 ms of the start, if "queue" started beside "db"\n');
  });

  test("has no control characters of a component's name", () => {
    const evil: TrialComponent[] = [{ name: "a\x1b[31m\nb", dependsOn: [] }];
    const page = analysisText(analyze([trialOf(evil, { "a\x1b[31m\nb": [7, 1] })]), { title: "app.ts" });
    expect(page).not.toContain("\x1b");
    expect(page).toContain("* a b ");
  });
});
