import { describe, expect, test } from "vitest";
import { criticalPath, type PathSpan } from "../../../components/control/critical_path.ts";
import { TimelineKeeper, type TimelineSpan } from "../../../components/control/timeline.ts";
import { timelineHtml } from "../../../components/control/timeline_html.ts";
import { ProcessBus } from "../../../mod.ts";
import { testing } from "../../../platforms/testing.ts";

/** A bus with a clock of its own, whose components take the times that are given. */
function timed() {
  const platform = testing();
  const bus = new ProcessBus({ platform });
  const keeper = new TimelineKeeper(bus);
  const use = (
    name: string,
    times: { start?: number; drain?: number; stop?: number },
    dependsOn: string[] = [],
  ) => {
    const take = (ms: number | undefined) => () =>
      new Promise<void>((resolve) => {
        if (ms === undefined) resolve();
        else platform.clock.setTimer(ms, resolve);
      });
    bus.use({ name, dependsOn, start: take(times.start), drain: take(times.drain), stop: take(times.stop) });
  };
  const pass = (done: Promise<unknown>) => platform.settle(done.catch(() => {}));
  return { bus, keeper, use, pass, platform };
}

const shown = (spans: readonly TimelineSpan[]) =>
  spans.map(({ name, state, from, ms, status }) => `${name} ${state} ${from}+${ms ?? "?"} ${status}`);

describe("the timeline", () => {
  test("of a start has each component with its time, and the path that decided", async () => {
    const { bus, keeper, use, pass } = timed();
    use("config", { start: 10 });
    use("db", { start: 50 }, ["config"]);
    use("cache", { start: 20 }, ["config"]);
    use("web", { start: 5 }, ["db", "cache"]);
    await pass(bus.start());
    const { start, stop } = keeper.read();
    expect(stop).toBeUndefined();
    expect(start?.ms).toBe(65);
    expect(shown(start!.spans)).toEqual([
      "config start 0+10 done",
      "db start 10+50 done",
      "cache start 10+20 done",
      "web start 60+5 done",
    ]);
    expect(start?.critical).toEqual(["config", "db", "web"]);
    expect(start?.phases.map(({ state }) => state)).toEqual(["start", "run"]);
  });

  test("of a stop has the drains and the stops, and ends with the exit where that was asked", async () => {
    const { bus, keeper, use, pass } = timed();
    use("db", { drain: 5, stop: 30 });
    use("web", { drain: 40, stop: 10 }, ["db"]);
    await pass(bus.start());
    await pass(bus.exit());
    const { stop } = keeper.read();
    expect(stop?.ms).toBe(80);
    expect(shown(stop!.spans)).toEqual([
      "db drain 0+5 done",
      "web drain 0+40 done",
      "web stop 40+10 done",
      "db stop 50+30 done",
    ]);
    expect(stop?.critical).toEqual(["web", "db"]);
    expect(stop?.phases.map(({ state }) => state)).toEqual(["drain", "stop", "idle", "exit", "exited"]);
  });

  test("is there while it is under way, and is replaced by the next", async () => {
    const { bus, keeper, use, pass, platform } = timed();
    use("db", { start: 10, stop: 20 });
    await pass(bus.start());
    const first = keeper.read().start;
    const graceful = bus.graceful();
    await platform.clock.advance(5);
    const { stop } = keeper.read();
    expect(stop?.ms).toBeUndefined();
    expect(shown(stop!.spans)).toEqual(["db drain 0+0 done", "db stop 0+? running"]);
    await pass(graceful);
    expect(keeper.read().start?.at).toBeGreaterThan(first!.at);
    expect(keeper.read().stop?.ms).toBe(20);
  });

  test("names what has failed, and what was late, with its time once it has settled", async () => {
    const { bus, keeper, pass, platform } = timed();
    let release = () => {};
    bus.use({ name: "slow", stopWithin: 100, stop: () => new Promise<void>((resolve) => release = resolve) });
    bus.use({ name: "bad", stop: () => Promise.reject(new Error("no")) });
    await pass(bus.start());
    await pass(bus.exit());
    const of = () => keeper.read().stop!.spans.filter(({ state }) => state === "stop");
    const statuses = () => Object.fromEntries(of().map(({ name, status }) => [name, status]));
    expect(statuses()).toEqual({ bad: "failed", slow: "late" });
    await platform.clock.advance(50);
    release();
    await platform.clock.advance(1);
    expect(of().find(({ name }) => name === "slow")?.ms).toBeGreaterThanOrEqual(150);
  });

  test("of a start that fails ends there", async () => {
    const { bus, keeper, pass } = timed();
    bus.use({ name: "db", start: () => Promise.reject(new Error("no")) });
    await pass(bus.start());
    const { start } = keeper.read();
    expect(start?.ms).toBeDefined();
    expect(shown(start!.spans)).toEqual(["db start 0+0 failed"]);
  });
});

describe("the critical path", () => {
  const span = (
    name: string,
    state: PathSpan["state"],
    from: number,
    ms: number | undefined,
    dependsOn: string[] = [],
  ) => ({
    ...{ name, state, from, dependsOn },
    ...ms !== undefined && { ms },
  });

  test("prefers the one that waited where two end together, and takes what has not ended for the last", () => {
    const names = (spans: PathSpan[], end?: number) => criticalPath(spans, end).map(({ name }) => name);
    expect(names([
      span("config", "stop", 10.2, 0),
      span("cache", "stop", 0, 10.4, ["config"]),
    ])).toEqual(["cache", "config"]);
    expect(names([span("a", "start", 0, 5), span("b", "start", 0, undefined)], 3)).toEqual(["a"]);
    expect(names([span("a", "start", 0, 5), span("b", "start", 0, undefined)])).toEqual(["b"]);
    expect(names([])).toEqual([]);
  });

  test("ends where dependencies are a circle", () => {
    const circle = [span("a", "start", 0, 5, ["b"]), span("b", "start", 0, 6, ["a"])];
    expect(criticalPath(circle).length).toBeLessThanOrEqual(2);
  });
});

test("a timeline as HTML shows strange names as text, and no bar leaves its row", () => {
  const html = timelineHtml({
    at: 0,
    ms: 10,
    phases: [{ state: "start", from: 0, ms: 10 }],
    spans: [
      { name: '<img src="x">', state: "start", from: 0, ms: 5000, status: "late", dependsOn: [] },
      { name: "b", state: "start", from: 9.999, ms: 0, status: "done", dependsOn: [] },
    ],
    critical: [],
  }, { title: "A & B" });
  expect(html).toContain("&lt;img src=&quot;x&quot;&gt;");
  expect(html).toContain("<strong>A &amp; B</strong>: 10 ms");
  for (const [, x, width] of html.matchAll(/x="([\d.]+)%" .*width="([\d.]+)%"/g)) {
    expect(Number(x) + Number(width)).toBeLessThanOrEqual(100.5);
  }
});
