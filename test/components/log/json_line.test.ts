import { describe, expect, test } from "vitest";
import { jsonLine } from "../../../components/log.ts";
import type { LogRecord } from "../../../mod.ts";

const record = (more: Partial<LogRecord> = {}): LogRecord => {
  return { time: Date.UTC(2026, 0, 2, 3, 4, 5, 6), level: "info", message: "hello", bus: "sitebus", ...more };
};
const parsed = (more: Partial<LogRecord>) => JSON.parse(jsonLine(record(more)));

describe("a record as JSON", () => {
  test("is one line with the fields in their order", () => {
    expect(jsonLine(record({ message: "one\ntwo\x1b[2J", state: "run", ms: 1.23456789, requests: 2 }))).toBe(
      '{"time":"2026-01-02T03:04:05.006Z","level":"info","message":"one\\ntwo\\u001b[2J","bus":"sitebus",' +
        '"state":"run","ms":1.235,"requests":2}\n',
    );
  });

  test("has durations in whole microseconds, those of a report too", () => {
    const report = { leftMs: 15492.385368000001, channels: { drain: [{ running: 2007.0108620000005 }] } };
    expect(parsed({ report, uptimeMs: 3.00049, ratio: 0.123456 })).toMatchObject({
      report: { leftMs: 15492.385, channels: { drain: [{ running: 2007.011 }] } },
      uptimeMs: 3,
      ratio: 0.123456,
    });
  });

  test("has an error with its code, causes and errors", () => {
    const cause = new TypeError("deep");
    const error = Object.assign(new Error("no way", { cause }), { code: "ENOWAY", secret: "hidden" });
    const told = parsed({ error: new AggregateError([error, "text"], "many") }).error;
    expect(told).toEqual({
      name: "AggregateError",
      message: "many",
      stack: expect.stringContaining("many"),
      errors: [
        {
          name: "Error",
          message: "no way",
          stack: expect.stringContaining("json_line.test"),
          code: "ENOWAY",
          cause: { name: "TypeError", message: "deep", stack: expect.any(String) },
        },
        "text",
      ],
    });
  });

  test.each([
    ["a text", "boom", { message: "boom" }],
    ["null", null, { message: "null" }],
    ["an object with a message", { message: "mine", why: 5 }, { message: "mine", why: 5 }],
    ["an object", { why: 5 }, { message: '{"why":5}' }],
  ])("has what was thrown and is no error: %s", (_, error, expected) => {
    expect(parsed({ error }).error).toEqual(expected);
  });

  test("shows plain data, and names what is not", () => {
    class Pool {
      password = "secret";
    }
    const nested = {
      list: [1, { two: 2n }],
      none: null,
      nan: NaN,
      no: undefined,
      f() {},
      symbol: Symbol("s"),
    };
    expect(parsed({ nested, pool: new Pool(), map: new Map(), bare: Object.create(null) })).toMatchObject({
      nested: { list: [1, { two: "2" }], none: null, nan: "NaN", f: "[function]", symbol: "Symbol(s)" },
      pool: "[Pool]",
      map: "[Map]",
      bare: {},
    });
    expect(parsed({ at: new Date(0), url: new URL("http://a/b") })).toMatchObject({
      at: "1970-01-01T00:00:00.000Z",
      url: "http://a/b",
    });
  });

  test("never throws, whatever is in it", () => {
    const cycle: Record<string, unknown> = { list: [] };
    cycle["self"] = cycle;
    (cycle["list"] as unknown[]).push(cycle);
    const error = new Error("round");
    error.cause = error;
    let deep: unknown = 1;
    for (let i = 0; i < 100_000; i++) deep = { deep };
    const { proxy, revoke } = Proxy.revocable({}, {});
    revoke();
    const bad = {
      get getter() {
        throw new Error("no");
      },
      toJSON() {
        throw new Error("no");
      },
    };
    const unnamed = Object.defineProperty(new Error("x"), "name", {
      get() {
        throw new Error("no");
      },
    });
    expect(parsed({ error: unnamed }).error).toEqual({ message: "[unreadable]" });
    expect(parsed({ error: proxy }).error).toEqual({ message: "[unreadable]" });
    const told = parsed({ time: NaN, cycle, error, deep, proxy, bad, unnamed, date: new Date(NaN) });
    expect(told).toMatchObject({
      time: "NaN",
      cycle: { self: "[circular]", list: ["[circular]"] },
      error: { message: "round", cause: "[circular]" },
      deep: { deep: { deep: { deep: { deep: { deep: "[Object]" } } } } },
      proxy: "[unreadable]",
      bad: { getter: "[unreadable]" },
      unnamed: "[unreadable]",
      date: null,
    });
  });
});
