import { expect, test } from "vitest";
import { digits, holds, markdown, ratio } from "../bench/_report.ts";
import { interleave, spread } from "../bench/_rounds.ts";

test("each round measures every candidate once, beginning with another one", async () => {
  const order: string[] = [];
  const values = await interleave(["a", "b", "c"], {
    rounds: 3,
    measure: (name) => Promise.resolve(order.push(name)),
  });
  expect(order.join("")).toBe("abcbcacab");
  expect(values).toEqual([[1, 6, 8], [2, 4, 9], [3, 5, 7]]);
});

test("a spread is the best, the median and the worst", () => {
  expect(spread([3, 1, 10])).toEqual({ best: 1, median: 3, worst: 10 });
  expect(spread([]).best).toBeNaN();
});

test("there is no ratio to nothing", () => {
  expect([ratio(3, 2), ratio(3, 0), ratio(3, undefined)]).toEqual([
    "×1.50",
    "-",
    "-",
  ]);
});

test("a number has as many digits as say something", () => {
  expect([1234.5, 12.34, 1.234, 3, NaN].map(digits)).toEqual([
    "1235",
    "12.3",
    "1.23",
    "3",
    "-",
  ]);
});

test("a figure says which of its limits are missed", () => {
  const limit = { name: "time", found: 7, atMost: 5, unit: "ms" };
  const text = markdown({
    title: "Title",
    says: "Words.",
    columns: ["name", "ms"],
    rows: [["a", "7"]],
    limits: [limit],
  });
  expect(holds(limit)).toBe(false);
  expect(text).toContain("| name |  ms |\n| ---- | --: |\n| a    |   7 |");
  expect(text).toContain("- MISSED: time: 7 ms, at most 5");
});

test("a limit holds at its bound, and not where nothing was measured", () => {
  const limit = { name: "time", atMost: 5, unit: "ms" };
  expect([5, NaN].map((found) => holds({ ...limit, found }))).toEqual([
    true,
    false,
  ]);
});
