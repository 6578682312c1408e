import { expect, test } from "vitest";
import { byRuntime, everywhere, type Result, resultsOf } from "../bench/_candidates.ts";
import { type BarChart, barChart } from "../bench/_plot.ts";
import { digits, type Figure, holds, limitTable, markdown, ratio } from "../bench/_report.ts";
import { interleave, spread } from "../bench/_rounds.ts";
import type { Runtime } from "../bench/_runtimes.ts";

const node: Runtime = { name: "Node", version: "1.0.0", command: ["node"] };
const bun: Runtime = { name: "Bun", version: "1.0.0", command: ["bun"] };

function result(name: string, values: readonly number[], runtime: Runtime = node): Result {
  return { runtime, name, program: "", args: [], ...spread(values) };
}

test("each round measures every candidate once, beginning with another one", async () => {
  const order: string[] = [];
  const values = await interleave(["a", "b", "c"], {
    rounds: 3,
    measure: (name) => Promise.resolve(order.push(name)),
  });
  expect(order.join("")).toBe("abcbcacab");
  expect(values).toEqual([[1, 6, 8], [2, 4, 9], [3, 5, 7]]);
});

test("a spread is the best and the worst", () => {
  expect(spread([3, 1, 10])).toEqual({ best: 1, worst: 10 });
  expect(spread([]).best).toBeNaN();
});

test("there is no ratio to nothing, nor of less than nothing", () => {
  expect([ratio(3, 2), ratio(300, 2), ratio(3, 0), ratio(-3, 2), ratio(3, undefined), ratio(3, Infinity)])
    .toEqual(["×1.50", "×150", "-", "-", "-", "-"]);
});

test("a number has as many digits as say something", () => {
  expect([1234.5, 12.34, 1.234, 3, NaN].map(digits)).toEqual(["1235", "12.3", "1.23", "3", "-"]);
});

test("every program is run in every runtime, with its arguments", () => {
  const all = everywhere([node, bun], {
    "sitebus": "publish sitebus",
    "bare": "publish",
  });
  expect(all.map(({ runtime, name, program, args }) => [runtime.name, name, program, args])).toEqual([
    ["Node", "sitebus", "publish", ["sitebus"]],
    ["Node", "bare", "publish", []],
    ["Bun", "sitebus", "publish", ["sitebus"]],
    ["Bun", "bare", "publish", []],
  ]);
});

test("what crashes in a round has no best", () => {
  const [fine, crashed] = resultsOf(
    everywhere([node], { "a": "a", "b": "b" }),
    [[{ ms: 2 }, { ms: 1 }], [{ ms: 2 }, undefined]],
    "ms",
  );
  expect(fine).toMatchObject({ name: "a", best: 1, worst: 2 });
  expect(crashed?.best).toBeNaN();
});

test("a table has a row for each candidate, and beside each runtime what it is to the others", () => {
  const { columns, rows } = byRuntime([
    result("sitebus", [20, 30]),
    result("bare", [10, 11]),
    result("peer", [NaN]),
    result("other", [40, 40]),
    result("hanging", [Infinity]),
    result("sitebus", [5, 6], bun),
  ], { unit: "ms" });
  expect(columns).toEqual(["", "Node, ms", "to bare", "to best peer", "Bun, ms", "to bare", "to best peer"]);
  expect(rows).toEqual([
    ["sitebus", "20 – 30", "×2.00", "×0.50", "5 – 6", "-", "-"],
    ["bare", "10 – 11", "×1.00", "×0.25", "", "", ""],
    ["peer", "crashes", "-", "-", "", "", ""],
    ["other", "40 – 40", "×4.00", "×1.00", "", "", ""],
    ["hanging", "alive", "-", "-", "", "", ""],
  ]);
});

test("a table without others has no ratios", () => {
  expect(byRuntime([result("sitebus", [1])], { unit: "ms" }).columns).toEqual(["", "Node, ms"]);
  const both = [result("bare", [1]), result("peer", [1])];
  expect(byRuntime(both, { unit: "ms", ratios: false }).columns).toEqual(["", "Node, ms"]);
});

const missed = { name: "time", found: 7, atMost: 5, unit: "ms" };
const held = { name: "speed", found: 4.5, atLeast: 4, unit: "" };
const figure: Figure = {
  title: "Title",
  says: "Words.",
  tables: [{
    caption: "All of it",
    columns: ["name", "ms"],
    rows: [["a", "7"], ["b", "crashes"]],
  }],
  limits: [held, missed],
};

test("a figure says which of its limits are missed", () => {
  const text = markdown(figure);
  expect(text).toContain(
    "All of it:\n\n| name |      ms |\n| ---- | ------: |\n| a    |       7 |\n| b    | crashes |",
  );
  expect(text).toContain("- holds: speed: 4.50, at least 4\n- MISSED: time: 7 ms, at most 5");
});

test("the limits of all figures are one table, with what is missed on top", () => {
  const rows = limitTable([figure]).split("\n").slice(2).map((line) =>
    line.split("|").map((cell) => cell.trim())
  );
  expect(rows).toEqual([
    ["", "Title", "time", "7 ms", "at most 5", "MISSED", ""],
    ["", "Title", "speed", "4.50", "at least 4", "holds", ""],
  ]);
});

test("a limit holds at its bound, and not where nothing was measured", () => {
  expect([5, 5.1, NaN].map((found) => holds({ ...missed, found }))).toEqual([true, false, false]);
  expect([4, 3.9, NaN].map((found) => holds({ ...held, found }))).toEqual([true, false, false]);
});

const chart: BarChart = {
  title: "A < B & C",
  description: "Seconds.",
  unit: "s",
  most: 4,
  series: ["Node", "Bun"],
  mark: { at: 1, text: "deadline" },
  rows: [{ name: "sitebus", bars: [1, 2] }, {
    name: "peer",
    bars: [Infinity, "crashes"],
  }],
};

test("a plot draws each value to its scale, and says what has none", () => {
  const svg = barChart(chart);
  const widths = [
    ...svg.matchAll(/<rect class="(series\d(?: alive)?)" x="196" y="\d+" width="([\d.]+)" height="9"/g),
  ];
  expect(widths.map(([, kind, width]) => [kind, Number(width)])).toEqual([
    ["series0", 120],
    ["series1", 240],
    ["series0 alive", 480],
  ]);
  expect(svg).toMatch(/class="value"[^>]*>still alive</);
  expect(svg).toMatch(/class="value"[^>]*>crashes</);
});

test("a plot can be read aloud, and is well-formed", () => {
  const svg = barChart(chart);
  expect(svg).toContain('<title id="title">A &lt; B &amp; C</title>');
  expect(svg).toContain("sitebus: Node 1 s, Bun 2 s. peer: Node still alive, Bun crashes.");
  expect(svg).toContain('role="img" aria-labelledby="title description"');
  const opened = [...svg.matchAll(/<([a-z]+)(?: [^>]*[^/])?>/g)].map(([, name]) => name);
  const closed = [...svg.matchAll(/<\/([a-z]+)>/g)].map(([, name]) => name);
  expect(opened.sort()).toEqual(closed.sort());
});
