import { Writable } from "node:stream";
import pino from "pino";
import { describe, expect, test } from "vitest";
import winston from "winston";
import { logTo } from "../../../components/log.ts";
import { ProcessBus } from "../../../mod.ts";
import { testing } from "../../../platforms/testing.ts";

/** What is written to a stream, line by line. */
function sink() {
  const lines: string[] = [];
  const stream = new Writable({
    write(chunk, _, done) {
      lines.push(...String(chunk).trimEnd().split("\n"));
      done();
    },
  });
  return { stream, records: () => lines.map((line) => JSON.parse(line) as Record<string, unknown>) };
}

/** A bus that is started, with one component. */
async function started(log: (bus: ProcessBus) => unknown) {
  const platform = testing();
  const bus = new ProcessBus({ platform, name: "shop" });
  log(bus);
  bus.use({ name: "db", start: () => "connection" });
  const start = bus.start();
  await platform.settle(start);
  return bus;
}

describe("a logger of pino", () => {
  test("gets the message and the fields at its own levels, with no time and level of ours", async () => {
    const { stream, records } = sink();
    await started((bus) => logTo(bus, pino({ base: null }, stream)));
    const [up] = records().filter(({ component }) => component === "db");
    expect(up).toEqual({
      ...{ level: 30, time: expect.any(Number), bus: "shop", state: "start", event: "component" },
      ...{ component: "db", status: "up", ms: expect.any(Number), msg: expect.any(String) },
    });
  });

  test("decides by its own level what is written", async () => {
    const quiet = sink();
    const loud = sink();
    const bus = await started((bus) => {
      logTo(bus, pino({ level: "warn" }, quiet.stream));
      logTo(bus, pino({ level: "debug" }, loud.stream));
    });
    bus.log("detail", { level: "debug" });
    expect(quiet.records()).toEqual([]);
    expect(loud.records().at(-1)).toMatchObject({ level: 20, msg: "detail" });
  });

  test("gets an error under err, with its stack and its cause", async () => {
    const { stream, records } = sink();
    const bus = await started((bus) => logTo(bus, pino(stream)));
    bus.log("it failed", {
      level: "error",
      error: new TypeError("no way", { cause: new Error("deep") }),
      n: 1n,
    });
    expect(records().at(-1)).toMatchObject({
      ...{ level: 50, msg: "it failed", n: "1" },
      err: { type: "TypeError", message: "no way: deep", stack: expect.stringContaining("target.test") },
    });
  });

  test.each([
    ["a text", "boom", { message: "boom" }],
    ["an error whose message throws", hostile(), { message: "[unreadable]" }],
    ["a revoked proxy", revoked(), { message: "[unreadable]" }],
  ])("gets what was thrown as plain data where it is %s", async (_, error, err) => {
    const { stream, records } = sink();
    const bus = await started((bus) => logTo(bus, pino(stream)));
    bus.log("it failed", { level: "error", error });
    expect(records().at(-1)).toMatchObject({ level: 50, msg: "it failed", err });
  });

  test("may be a child with fields of its own", async () => {
    const { stream, records } = sink();
    const bus = await started((bus) => logTo(bus, pino(stream).child({ service: "api" })));
    bus.log("hello");
    expect(records().at(-1)).toMatchObject({ service: "api", msg: "hello", bus: "shop" });
  });
});

describe("a logger of winston", () => {
  test("gets the message, the level and the fields, with an error as plain data", async () => {
    const { stream, records } = sink();
    const transports = [new winston.transports.Stream({ stream })];
    const logger = winston.createLogger({ level: "debug", format: winston.format.json(), transports });
    const bus = await started((bus) => logTo(bus, logger));
    bus.log("it failed", { level: "error", error: new TypeError("no way") });
    expect(records()).toContainEqual(
      expect.objectContaining({ level: "info", component: "db", status: "up", bus: "shop" }),
    );
    expect(records().at(-1)).toMatchObject({
      ...{ level: "error", message: "it failed" },
      error: { name: "TypeError", message: "no way", stack: expect.any(String) },
    });
  });
});

test("a console gets a line for people, by the method of its level", async () => {
  const said: string[] = [];
  const say = (level: string) => (text: string) => said.push(`${level} ${text.replace(/\d+ ms/, "N ms")}`);
  const bus = await started((bus) => {
    logTo(bus, { debug: say("debug"), info: say("info"), warn: say("warn"), error: say("error") });
  });
  bus.log("careful", { level: "warn" });
  bus.log("it failed", { level: "error" });
  bus.log("detail", { level: "debug" });
  expect(said).toEqual([
    "info shop: db is up in N ms",
    "info shop: ready in N ms",
    "warn shop: warning: careful",
    "error shop: error: it failed",
  ]);
});

function hostile(): Error {
  return Object.defineProperty(new Error("x"), "message", {
    get() {
      throw new Error("no");
    },
  });
}

function revoked(): object {
  const { proxy, revoke } = Proxy.revocable({}, {});
  revoke();
  return proxy;
}
