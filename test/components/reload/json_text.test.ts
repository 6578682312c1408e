import fc from "fast-check";
import { expect, test } from "vitest";
import { parseJson } from "../../../components/reload/json_text.ts";

test.each([
  ["", "it is empty"],
  [" \n", "it is empty"],
  ["{", "line 1, column 2"],
  ['{"a":1,}', "line 1, column 8"],
  ['{\n  "a": 1,\n  b: 2\n}', "line 3, column 3"],
  ['{\n  "a": 1\n  "b": 2\n}', "line 3, column 3"],
  ['{"a" 1}', "line 1, column 6"],
  ["[1 2]", "line 1, column 4"],
  ["[1,]", "line 1, column 4"],
  ["[,1]", "line 1, column 2"],
  ["[1}", "line 1, column 3"],
  ["{}}", "line 1, column 3"],
  ["1 2", "line 1, column 3"],
  ["1,", "line 1, column 2"],
  ['"a\nb"', "line 1, column 1"],
  ["01", "line 1, column 2"],
  ["tru", "line 1, column 1"],
  ["'a'", "line 1, column 1"],
  ['["\\x"]', "line 1, column 2"],
  ["// no comments\n{}", "line 1, column 1"],
])("the place of a mistake is told: %j", (text, place) => {
  expect(() => parseJson(text)).toThrow(place.startsWith("it") ? place : `it is no JSON at ${place}`);
});

test("a message tells nothing of the content", () => {
  const error = (() => {
    try {
      return parseJson('{"password":"secret" x}');
    } catch (error) {
      return error as Error;
    }
  })();
  expect((error as Error).message).toBe("it is no JSON at line 1, column 22");
});

test("what is JSON is parsed, also after a byte order mark", () => {
  fc.assert(fc.property(fc.json(), (json) => {
    expect(parseJson(json)).toEqual(JSON.parse(json));
  }));
  expect(parseJson('\uFEFF{"a":1}')).toEqual({ a: 1 });
});

test("a place is told of whatever is no JSON", () => {
  fc.assert(fc.property(fc.json(), fc.nat(), fc.string({ maxLength: 3 }), (json, at, junk) => {
    const text = json.slice(0, at % (json.length + 1)) + junk + json.slice(at % (json.length + 1) + 1);
    let isJson = true;
    try {
      JSON.parse(text);
    } catch {
      isJson = false;
    }
    if (isJson) expect(() => parseJson(text)).not.toThrow();
    else expect(() => parseJson(text)).toThrow(/^it is (empty|no JSON at line \d+, column \d+)$/);
  }));
});
