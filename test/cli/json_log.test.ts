import { describe, expect, test } from "vitest";
import { jsonLine } from "../../cli/json_log.ts";
import { logTo } from "../../cli/log_to.ts";
import { type LogRecord, ProcessBus } from "../../mod.ts";
import { testing } from "../../platforms/testing.ts";
import { moduleOf, sitebus } from "./_serve.ts";

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
          stack: expect.stringContaining("json_log.test"),
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

/** All that a bus says in a life, which a second signal ends where a component hangs. */
async function life(
  options: { readonly json?: boolean; readonly quiet?: boolean; readonly hangs?: boolean },
) {
  const platform = testing();
  const bus = new ProcessBus({ platform, name: "sitebus" });
  const said: string[] = [];
  bus.use({
    name: "db",
    start: (phase) => phase.delay(20),
    drain: () => options.hangs ? new Promise(() => {}) : undefined,
  });
  const addressOf = () => "http://127.0.0.1:3000/";
  logTo(bus, { ...options, write: (text) => said.push(text), addressOf });
  const run = bus.run();
  await platform.clock.advance(20);
  bus.log("detail", { level: "debug" });
  platform.deliver("SIGTERM");
  await platform.clock.advance(1000);
  if (options.hangs) platform.deliver("SIGTERM");
  await platform.settle(run);
  return said;
}

describe("the log of a bus", () => {
  test("as JSON says each state, what is up where, when it is ready, and the exit code", async () => {
    const said = (await life({ json: true })).map((line) => JSON.parse(line));
    const some = said.filter(({ message }) => !message.startsWith("Bus state: "));
    expect(some).toMatchObject([
      { level: "info", component: "db", status: "up", ms: 20, url: "http://127.0.0.1:3000/", state: "start" },
      {
        status: "ready",
        ms: expect.any(Number),
        state: "run",
        message: expect.stringMatching(/^ready in \d+ ms$/),
      },
      { status: "stopping", signal: "SIGTERM", state: "drain", message: "SIGTERM: stopping" },
      { component: "db", status: "down", ms: 0 },
      { status: "exited", code: 0, ms: expect.any(Number), state: "exited", message: "Exited with code 0" },
    ]);
    const states = said.filter(({ message }) => message.startsWith("Bus state: ")).map(({ state }) => state);
    expect(states).toEqual(["enter", "idle", "start", "run", "drain", "stop", "idle", "exit", "exited"]);
  });

  test("as JSON names who was late, and for how long", async () => {
    const said = (await life({ json: true, hangs: true })).map((line) => JSON.parse(line));
    expect(said).toContainEqual(expect.objectContaining({
      level: "warn",
      signal: "SIGTERM",
      message: expect.stringMatching(/^Forced by SIGTERM while "db" on "drain"/),
    }));
    expect(said.at(-1)).toMatchObject({
      level: "error",
      status: "exited",
      code: 143,
      late: [{ channel: "drain", listener: "db", ms: 1000 }],
    });
  });

  test("in quiet says warnings and errors alone", async () => {
    expect(await life({ quiet: true })).toEqual([]);
    expect(await life({ quiet: true, json: true })).toEqual([]);
    expect(await life({ quiet: true, hangs: true })).toEqual([
      'sitebus: warning: Forced by SIGTERM while "db" on "drain" still runs\n',
      "sitebus: error: db did not drain: it still runs after 1000 ms\n",
      expect.stringMatching(/^sitebus: stopped in \d+ ms, exit code 143 while "db" on "drain" still runs\n$/),
    ]);
    const levels = (await life({ quiet: true, json: true, hangs: true })).map((line) =>
      JSON.parse(line).level
    );
    expect(levels).toEqual(["warn", "error", "error"]);
  });
});

test("sitebus serve --json says nothing but objects, the address and the exit code among them", async () => {
  const program = sitebus([
    "serve",
    moduleOf(`export default () => new Response("ok");`),
    "--port",
    "0",
    "--json",
  ]);
  const { url } = JSON.parse(await program.waitForLine('"component":"http"'));
  await program.waitForLine('"status":"ready"');
  expect(await (await fetch(url)).text()).toBe("ok");
  program.kill("SIGTERM");
  const { code, lines } = await program.exited;
  expect(code).toBe(0);
  const records = lines.map((line) => JSON.parse(line));
  expect(records).toContainEqual(expect.objectContaining({ status: "stopping", signal: "SIGTERM" }));
  expect(records.at(-1)).toMatchObject({ status: "exited", code: 0, level: "info", ms: expect.any(Number) });
});

test("sitebus serve --json says as an object, too, what has to be ended by force", async () => {
  const module = moduleOf(`
    setInterval(() => {}, 1000);
    export const setup = (bus) => void bus.subscribe("run", () => void bus.exit(3));
    export default () => new Response("ok");`);
  const { code, lines } = await sitebus(["serve", module, "--port", "0", "--json", "--stop-within", "4s"])
    .exited;
  expect(code).toBe(3);
  const records = lines.filter((line) => line !== "").map((line) => JSON.parse(line));
  expect(records.at(-2)).toMatchObject({ status: "exited", code: 3 });
  expect(records.at(-1)).toMatchObject({
    level: "warn",
    bus: "sitebus",
    message: expect.stringMatching(/^The process is ended by force \d+ ms after its bus: /),
    ms: expect.any(Number),
  });
});
