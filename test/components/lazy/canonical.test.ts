import { expect, test } from "vitest";
import { canonical, isPlain } from "../../../components/lazy/canonical.ts";

const EXPECTED = "expected plain data: null, booleans, finite numbers, strings, lists, and objects of these";

test("the same content has the same text, whatever the order of its keys", () => {
  const one = { tenant: "ada", db: { host: "a", port: 1 }, tags: ["x", "y"] };
  const other = { tags: ["x", "y"], db: { port: 1, host: "a" }, tenant: "ada" };
  expect(canonical(one)).toBe(canonical(other));
  expect(canonical(one)).toBe('{"db":{"host":"a","port":1},"tags":["x","y"],"tenant":"ada"}');
  expect(canonical({ tags: ["y", "x"] })).not.toBe(canonical({ tags: ["x", "y"] }));
});

test("any plain data is a configuration", () => {
  const all = [null, true, "ada", 7, -0, 1e300, [], {}, [[null]], Object.create(null), { a: undefined }];
  expect(all.map(canonical)).toEqual(
    ["null", "true", '"ada"', "7", "0", "1e+300", "[]", "{}", "[[null]]", "{}", "{}"],
  );
});

test("texts that look alike stay apart", () => {
  const texts = [{ a: "1" }, { a: 1 }, { "a:1": "" }, { a: null }, { a: [] }, ["a"], '{"a":1}'].map(
    canonical,
  );
  expect(new Set(texts).size).toBe(texts.length);
  expect(canonical({ "\u2028": "\ud800" })).toBe('{"\u2028":"\\ud800"}');
});

test("a key named __proto__ is a key like any other", () => {
  const config: unknown = JSON.parse('{"__proto__":{"admin":true},"b":1}');
  expect(canonical(config)).toBe('{"__proto__":{"admin":true},"b":1}');
  expect(canonical(config)).not.toBe(canonical({ b: 1 }));
  expect(Object.hasOwn(JSON.parse(canonical(config)), "__proto__")).toBe(true);
  expect(({} as { admin?: unknown }).admin).toBeUndefined();
});

class Pool {}
const cycle: { list: unknown[] } = { list: [] };
cycle.list.push({ back: cycle });

test.each([
  [{ db: { pool: new Pool() } }, '"db.pool" is an object of the class Pool'],
  [{ at: new Date(0) }, '"at" is an object of the class Date'],
  [new Map(), "it is an object of the class Map"],
  [Object.create({ inherited: 1 }), "it is an object of no plain prototype"],
  // With a prototype in braces, this is an object of another class.
  [{ __proto__: { admin: true } }, "it is an object of no plain prototype"],
  [{ a: [1, () => 2] }, '"a[1]" is a function'],
  [{ toJSON: () => ({}) }, '"toJSON" is a function'],
  [{ max: NaN }, '"max" is NaN'],
  [[Infinity], '"[0]" is Infinity'],
  [{ id: 1n }, '"id" is a bigint'],
  [{ id: Symbol("x") }, '"id" is a symbol'],
  [undefined, "it is undefined"],
  [[1, undefined], '"[1]" is undefined'],
  // deno-lint-ignore no-sparse-arrays -- a hole is no data
  [[1, , 2], '"[1]" is undefined'],
  [cycle, '"list[0].back" is an object that contains itself'],
])("what is no plain data is refused by name: %#", (config, found) => {
  expect(() => canonical(config)).toThrow(
    new TypeError(`Cannot use the configuration: ${found}, ${EXPECTED}`),
  );
  expect(isPlain(config)).toBe(false);
});

test("nesting has an end", () => {
  const nested = (depth: number): unknown => depth === 0 ? 1 : { a: nested(depth - 1) };
  expect(canonical(nested(64))).toContain("1");
  expect(isPlain(nested(64))).toBe(true);
  expect(isPlain(nested(100_0))).toBe(false);
  expect(() => canonical(nested(1_000))).toThrow('"a.a.a" is nested more than 64 deep');
});

test("an object twice in one configuration is no cycle", () => {
  const db = { host: "a" };
  expect(canonical({ read: db, write: db })).toBe('{"read":{"host":"a"},"write":{"host":"a"}}');
});

test("what is quickly found to be plain has a canonical text, too", () => {
  for (const config of [null, 1, "a", [1, "b", null, { c: [] }], { a: undefined, b: { c: 1 } }]) {
    expect([isPlain(config), typeof canonical(config)]).toEqual([true, "string"]);
  }
});
