import { describe, expect, test } from "vitest";
import { consoleText } from "../../cli/console_log.ts";
import type { LogRecord } from "../../mod.ts";

const text = (more: Partial<LogRecord>) => {
  return consoleText({ time: 0, level: "info", message: "hello", bus: "sitebus", ...more });
};

describe("a record as a line", () => {
  test.each<[string, Partial<LogRecord>]>([
    ["hello", {}],
    ["hello", { code: 5, component: "db" }],
    ["db is up in 12 ms", { component: "db", status: "up", ms: 12.3 }],
    ["http is up in 1 ms at http://a/", { component: "http", status: "up", ms: 1, url: "http://a/" }],
    ["http is drained", { component: "http", status: "drained" }],
    ["db is stopped in 3 ms", { component: "db", status: "down", ms: 3 }],
    ["db is reconnecting", { component: "db", status: "reconnecting" }],
    ["stopped in 12 ms, exit code 0", { status: "exited", code: 0, ms: 12.3, message: "Exited with code 0" }],
    ['stopped in 5 ms, exit code 130 while "db" on "stop" still runs', {
      level: "error",
      status: "exited",
      code: 130,
      ms: 5,
      message: 'Exited with code 130 while "db" on "stop" still runs',
    }],
    ["warning: careful", { level: "warn", message: "careful" }],
    ["warning: db was not started", {
      level: "warn",
      component: "db",
      status: "down",
      message: "db was not started",
    }],
    ["error: db did not stop: it still runs after 12 ms", {
      ...{ level: "error", listener: "db", channel: "stop", kind: "timeout", ms: 12.3 },
      error: new Error("late"),
    }],
    ['error: "mine" on "work" failed: TypeError: no', {
      ...{ level: "error", listener: "mine", channel: "work", kind: "throw", ms: 1 },
      error: Object.assign(new TypeError("no"), { stack: "TypeError: no" }),
    }],
  ])("%s", (line, record) => {
    expect(text(record)).toBe(`sitebus: ${line}\n`);
  });

  test("is one line, and steers no terminal", () => {
    expect(text({ message: "one\n  two\x1b[2J\x07\r" })).toBe("sitebus: one two\n");
  });

  test("has the stack of an error that is nobody's below it, and its causes", () => {
    const cause = Object.assign(new Error("deep"), { stack: "Error: deep\n  at there" });
    const error = Object.assign(new Error("top", { cause }), { stack: "Error: top\n  at \x1b[2Jhere" });
    cause.cause = error;
    expect(text({ level: "error", message: "Nobody caught an error", error })).toBe(
      "sitebus: error: Nobody caught an error\n" +
        "    Error: top\n      at here\n    cause: Error: deep\n      at there\n",
    );
  });

  test.each([
    ["a text", "boom", "boom"],
    ["nothing", null, "null"],
    ["what cannot be printed", Object.create(null), "an error that cannot be printed"],
  ])("has what was thrown: %s", (_, error, shown) => {
    expect(text({ level: "warn", error })).toBe(`sitebus: warning: hello\n    ${shown}\n`);
  });

  test("is the same text in colours", () => {
    const record = { time: 0, level: "error", message: "hello", bus: "sitebus" } as const;
    const coloured = consoleText(record, { colour: true });
    expect(coloured).toBe("\x1b[2msitebus:\x1b[22m \x1b[31merror:\x1b[39m hello\n");
    const up = { ...record, level: "info", component: "db", status: "up", ms: 1 } as const;
    expect(consoleText(up, { colour: true })).toBe(
      "\x1b[2msitebus:\x1b[22m \x1b[1mdb\x1b[22m is up in 1 ms\n",
    );
  });
});
