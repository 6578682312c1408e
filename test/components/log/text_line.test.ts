import { describe, expect, test } from "vitest";
import { textLine, type TextStyle } from "../../../components/log.ts";
import type { LogRecord } from "../../../mod.ts";

const text = (more: Partial<LogRecord>) => {
  return textLine({ time: 0, level: "info", message: "hello", bus: "shop", ...more });
};
const up = { event: "component", component: "db", status: "up" } as const;

describe("a record as a line", () => {
  test.each<[string, Partial<LogRecord>]>([
    ["hello", {}],
    ["hello", { code: 5, component: "db" }],
    ["db is up in 12 ms", { ...up, ms: 12.3 }],
    ["http is up in 1 ms at http://a/", { ...up, component: "http", ms: 1, url: "http://a/" }],
    ["http is drained", { component: "http", status: "drained" }],
    ["db is stopped in 3 ms", { ...up, status: "down", ms: 3 }],
    ["db is reconnecting", { component: "db", status: "reconnecting" }],
    ["ready in 12 ms", { event: "settled", state: "run", ready: true, ms: 12.3 }],
    ["ready again in 5 ms", { event: "settled", state: "run", ready: true, again: true, ms: 5 }],
    ["SIGTERM: stopping", {
      event: "state",
      state: "drain",
      stopping: true,
      goal: "exit",
      by: "signal",
      name: "SIGTERM",
    }],
    ["stopping", { event: "state", state: "drain", stopping: true, goal: "stop", by: "call" }],
    ["stopping after a failure", {
      event: "state",
      state: "drain",
      stopping: true,
      goal: "exit",
      by: "error",
    }],
    ["SIGUSR2: starting all components anew", {
      ...{ event: "state", state: "drain", stopping: true, goal: "graceful", by: "signal", name: "SIGUSR2" },
    }],
    ["SIGUSR1: restarting", {
      event: "state",
      state: "drain",
      stopping: true,
      goal: "restart",
      name: "SIGUSR1",
    }],
    ["SIGINT: stopping", { event: "stopping", goal: "exit", by: "signal", name: "SIGINT" }],
    ["stopped in 12 ms, exit code 0", { event: "exit", code: 0, ms: 12.3, pending: [] }],
    ['stopped in 5 ms, exit code 70 while "db" on "stop", "log" on "exit" still runs', {
      ...{ level: "error", event: "exit", code: 70, ms: 5 },
      pending: [{ listener: "db", channel: "stop", ms: 1 }, { listener: "log", channel: "exit", ms: 1 }],
    }],
    ["stopped in 5 ms, exit code 130", {
      ...{ level: "error", event: "exit", code: 130, forced: true, ms: 5 },
      pending: [{ listener: "db", channel: "stop", ms: 1 }],
    }],
    [
      'SIGINT again: ended at once; cut "http" on "drain" after 1.5 s, 2 requests in flight, "db" on "stop" after 0.1 s',
      {
        ...{ level: "warn", event: "forced", reason: { by: "signal", name: "SIGINT" } },
        pending: [
          { listener: "http", channel: "drain", ms: 1550, requests: 2 },
          { listener: "db", channel: "stop", ms: 100 },
        ],
      },
    ],
    ["SIGTERM again: ended at once", {
      level: "warn",
      event: "forced",
      reason: { name: "SIGTERM" },
      pending: [],
    }],
    ["reloaded, generation 3", { event: "reload", outcome: "committed", generation: 3, asked: 1 }],
    ["nothing to reload: no component or listener takes part in it", {
      ...{ event: "reload", outcome: "committed", generation: 1, asked: 0 },
    }],
    ["warning: careful", { level: "warn", message: "careful" }],
    ["warning: db was not started", { level: "warn", ...up, status: "down", message: "db was not started" }],
    ["error: db did not stop: it still runs after 12 ms", {
      ...{ level: "error", event: "failure", listener: "db", channel: "stop", kind: "timeout", ms: 12.3 },
      error: new Error("late"),
    }],
    ['error: "mine" on "work" failed: TypeError: no', {
      ...{ level: "error", event: "failure", listener: "mine", channel: "work", kind: "throw", ms: 1 },
      error: Object.assign(new TypeError("no"), { stack: "TypeError: no" }),
    }],
  ])("%s", (line, record) => {
    expect(text(record)).toBe(`shop: ${line}\n`);
  });

  test.each<[string, Partial<LogRecord>]>([
    ["a state that is only passed", { event: "state", state: "idle" }],
    ["a state that has settled and is not run", {
      level: "debug",
      event: "state",
      state: "stop",
      settled: true,
    }],
    ["a drain of a stop that was told before", { event: "state", state: "drain" }],
    ["a signal, whose consequence is told", { event: "signal", folded: false, message: "SIGTERM" }],
  ])("is none for %s", (_, record) => {
    expect(text(record)).toBe(undefined);
  });

  test("is one line, and steers no terminal", () => {
    expect(text({ message: "one\n  two\x1b[2J\x1b]0;title\x07\x07\r" })).toBe("shop: one two\n");
  });

  test("has the stack of an error that is nobody's below it, and its causes", () => {
    const cause = Object.assign(new Error("deep"), { stack: "Error: deep\n  at there" });
    const error = Object.assign(new Error("top", { cause }), { stack: "Error: top\n  at \x1b[2Jhere" });
    cause.cause = error;
    expect(text({ level: "error", message: "Nobody caught an error", error })).toBe(
      "shop: error: Nobody caught an error\n" +
        "    Error: top\n      at here\n    cause: Error: deep\n      at there\n",
    );
  });

  const { proxy, revoke } = Proxy.revocable({}, {});
  revoke();
  test.each([
    ["a text", "boom", "boom"],
    ["null", null, "null"],
    ["an object without a prototype", Object.create(null), "an error that cannot be printed"],
    ["a revoked proxy", proxy, "an error that cannot be printed"],
  ])("has the thrown value below it where that is %s", (_, error, shown) => {
    expect(text({ level: "warn", error })).toBe(`shop: warning: hello\n    ${shown}\n`);
    const failure = {
      level: "error",
      event: "failure",
      listener: "db",
      channel: "stop",
      kind: "throw",
      ms: 1,
    } as const;
    expect(text({ ...failure, error })).toBe(`shop: error: db did not stop: ${shown}\n`);
  });

  test("is the same text in styles", () => {
    const style = (style: TextStyle, text: string) => `<${style}>${text}</${style}>`;
    const record = { time: 0, level: "error", message: "hello", bus: "shop" } as const;
    expect(textLine(record, { style })).toBe("<dim>shop:</dim> <red>error:</red> hello\n");
    expect(textLine({ ...record, level: "info", ...up, ms: 1 }, { style })).toBe(
      "<dim>shop:</dim> <bold>db</bold> is up in 1 ms\n",
    );
  });
});
