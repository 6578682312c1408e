import { describe, expect, test } from "vitest";
import { jsonLine, type LogTarget, logTo, type LogToOptions, textLine } from "../../../components/log.ts";
import { type LogRecord, ProcessBus } from "../../../mod.ts";
import { testing } from "../../../platforms/testing.ts";

const never = () => new Promise<never>(() => {});

/** A bus on virtual time, with a database and a server, and what its log has come to. */
function program(options: LogToOptions = {}) {
  const platform = testing();
  const bus = new ProcessBus({ platform, name: "shop" });
  const server = { url: "http://127.0.0.1:3000/", inFlight: 0 };
  const db = {
    name: "db",
    start: (phase: { delay(ms: number): Promise<void> }) => phase.delay(20),
    hangs: false,
  };
  bus.use({ name: "db", start: db.start, drain: () => db.hangs ? never() : undefined });
  const web = bus.use({ name: "web", dependsOn: "all", start: () => server });
  const records: LogRecord[] = [];
  const log = logTo(bus, (record) => records.push(record), { servers: [web], ...options });
  const lines = () =>
    records.map((record) => textLine(record)?.trimEnd()).filter((line) => line !== undefined);
  const events = (event: string) => records.filter((record) => record["event"] === event);
  return { platform, bus, server, db, records, lines, events, log };
}

describe("the log of a bus", () => {
  test("says what is up and where, when it is ready, why it stops, and the exit code", async () => {
    const { platform, bus, lines, events } = program();
    const run = bus.run();
    await platform.clock.advance(20);
    bus.log("detail", { level: "debug" });
    platform.deliver("SIGTERM");
    await platform.settle(run);
    expect(lines().map((line) => line.replace(/\d+ ms/, "N ms"))).toEqual([
      "shop: db is up in N ms",
      "shop: web is up in N ms at http://127.0.0.1:3000/",
      "shop: ready in N ms",
      "shop: SIGTERM: stopping",
      "shop: web is stopped in N ms",
      "shop: db is stopped in N ms",
      "shop: stopped in N ms, exit code 0",
    ]);
    const states = events("state").map(({ state }) => state);
    expect(states).toEqual(["enter", "idle", "start", "run", "drain", "stop", "idle", "exit", "exited"]);
    expect(events("settled").filter(({ level }) => level === "info")).toEqual([
      expect.objectContaining({ state: "run", ready: true, ms: expect.any(Number) }),
    ]);
    expect(events("exit")).toEqual([expect.objectContaining({ code: 0, ms: expect.any(Number) })]);
  });

  test("does not call a graceful restart of the components a stop", async () => {
    const { platform, bus, lines } = program();
    const run = bus.run();
    await platform.clock.advance(20);
    void bus.graceful();
    await platform.clock.advance(20);
    expect(lines()).toContain("shop: starting all components anew");
    expect(lines()).toContainEqual(expect.stringMatching(/^shop: ready again in \d+ ms$/));
    platform.deliver("SIGTERM");
    await platform.settle(run);
    expect(lines()).toContain("shop: SIGTERM: stopping");
  });

  test("says that it has reloaded only where somebody takes part in a reload", async () => {
    const { platform, bus, lines } = program();
    const run = bus.run();
    await platform.clock.advance(20);
    platform.deliver("SIGHUP");
    await platform.flush();
    expect(lines().at(-1)).toBe("shop: nothing to reload: no component or listener takes part in it");
    bus.subscribe("reload", () => {});
    platform.deliver("SIGHUP");
    await platform.flush();
    expect(lines().at(-1)).toBe("shop: reloaded, generation 2");
    platform.deliver("SIGTERM");
    await platform.settle(run);
  });

  test("says in one line what a second signal has cut, and is silent about the consequences", async () => {
    const { platform, bus, db, server, lines, events } = program();
    db.hangs = true;
    server.inFlight = 2;
    const run = bus.run();
    await platform.clock.advance(20);
    platform.deliver("SIGTERM");
    await platform.clock.advance(1000);
    const before = lines().length;
    platform.deliver("SIGTERM");
    await platform.settle(run);
    expect(lines().slice(before)).toEqual([
      'shop: SIGTERM again: ended at once; cut "db" on "drain" after 1.0 s',
      expect.stringMatching(/^shop: stopped in \d+ ms, exit code 143$/),
    ]);
    expect(events("forced")).toEqual([
      expect.objectContaining({ level: "warn", pending: [{ listener: "db", channel: "drain", ms: 1000 }] }),
    ]);
    expect(events("exit")).toEqual([expect.objectContaining({ level: "error", code: 143, forced: true })]);
  });

  test("says at once that a start is given up, and once that it stops", async () => {
    const { platform, bus, lines } = program();
    bus.use({ name: "slow", start: never });
    const run = bus.run();
    await platform.clock.advance(1000);
    platform.deliver("SIGINT");
    await platform.clock.advance(0);
    expect(lines().at(-1)).toBe("shop: SIGINT: stopping");
    await platform.clock.advance(40_000);
    await platform.settle(run);
    expect(lines().filter((line) => line.includes("stopping"))).toHaveLength(1);
  });

  test("says every 5 s what a stop waits for, how many requests are in flight, and what is left", async () => {
    const { platform, bus, events } = program();
    bus.use({ name: "queue", drain: (_, phase) => phase.delay(7000) });
    const run = bus.run();
    await platform.clock.advance(20);
    platform.deliver("SIGTERM");
    await platform.clock.advance(6000);
    expect(events("pending")).toEqual([expect.objectContaining({
      ...{ level: "info", bus: "shop", state: "drain", requests: 0, leftMs: 5000 },
      message: "queue is draining, 5.0 s; 5 s left to drain",
      pending: [{ listener: "queue", channel: "drain", ms: 5000 }],
    })]);
    await platform.clock.advance(1000);
    expect(await platform.settle(run)).toBe(0);
    expect([events("pending").length, platform.clock.pending]).toEqual([1, 0]);
  });

  test("says so of a start, too, and at an interval of one's own", async () => {
    const { platform, bus, events } = program({ pendingEvery: 500 });
    bus.use({ name: "slow", dependsOn: ["db"], start: (phase) => phase.delay(1200) });
    const run = bus.run();
    await platform.clock.advance(1300);
    expect(events("pending").map(({ message }) => message)).toEqual([
      "slow is starting, 0.4 s; web waits for slow; 30 s left to start",
      "slow is starting, 0.9 s; web waits for slow; 29 s left to start",
    ]);
    expect(platform.clock.pending).toBe(0);
    platform.deliver("SIGTERM");
    await platform.settle(run);
  });

  test("names the requests that a server drains", async () => {
    const { platform, bus, server, events } = program({ pendingEvery: 1000 });
    const busy = bus.use({
      name: "http",
      dependsOn: "all",
      start: () => server,
      drain: (_, phase) => phase.delay(1500),
    });
    const log = logTo(bus, (record) => said.push(record), { servers: [busy], pendingEvery: 1000 });
    const said: LogRecord[] = [];
    const run = bus.run();
    await platform.clock.advance(20);
    server.inFlight = 1;
    platform.deliver("SIGTERM");
    await platform.clock.advance(1500);
    const [reminder] = said.filter(({ event }) => event === "pending");
    expect(reminder?.message).toBe("http is draining, 1 request in flight, 1.0 s; 9 s left to drain");
    expect(reminder?.["requests"]).toBe(1);
    expect(events("pending")).toHaveLength(1);
    await platform.settle(run);
    log.unsubscribe();
  });

  test("never reminds where the interval is infinite", async () => {
    const { platform, bus, events } = program({ pendingEvery: Infinity });
    bus.use({ name: "slow", start: (phase) => phase.delay(20_000) });
    const run = bus.run();
    await platform.clock.advance(20_000);
    expect(events("pending")).toEqual([]);
    platform.deliver("SIGTERM");
    await platform.settle(run);
  });

  test("adds to a report the process, the reason, what is left and what is pending", async () => {
    const { platform, bus, events } = program();
    bus.use({ name: "queue", drain: (_, phase) => phase.delay(7000) });
    const run = bus.run();
    await platform.clock.advance(20);
    platform.deliver("SIGTERM");
    await platform.clock.advance(2000);
    platform.deliver("SIGQUIT");
    const [record] = events("inspect");
    expect(record).toMatchObject({
      message: "Inspected", // the report is a field, and not in the message once more
      ...{ by: "signal", name: "SIGTERM", requests: 0, pid: expect.any(Number) },
      pending: [{ listener: "queue", channel: "drain", ms: 2000 }],
      report: { state: "drain", leftMs: 8000 },
    });
    await platform.clock.advance(5000);
    await platform.settle(run);
  });

  test("writes warnings and errors alone where the level says so", async () => {
    const { platform, bus, db, records } = program({ level: "warn" });
    db.hangs = true;
    const run = bus.run();
    await platform.clock.advance(20);
    platform.deliver("SIGTERM");
    await platform.clock.advance(1000);
    expect(records).toEqual([]);
    platform.deliver("SIGTERM");
    await platform.settle(run);
    expect(records.map(({ event }) => event)).toEqual(["forced", "exit"]);
  });

  test("ends when it is disposed of", async () => {
    const { platform, bus, records, log } = program({ pendingEvery: 1 });
    const run = bus.run();
    await platform.clock.advance(10);
    log.unsubscribe();
    const { length } = records;
    expect(length).toBeGreaterThan(0);
    await platform.clock.advance(10);
    platform.deliver("SIGTERM");
    await platform.settle(run);
    expect([records.length, platform.clock.pending]).toEqual([length, 0]);
  });

  test("survives a target that throws", async () => {
    const platform = testing();
    const bus = new ProcessBus({ platform, name: "shop" });
    logTo(bus, () => {
      throw new Error("the disk is full");
    });
    const run = bus.run();
    await platform.flush();
    platform.deliver("SIGTERM");
    expect(await platform.settle(run)).toBe(0);
  });
});

test.each<[string, unknown, object, string]>([
  ["null", null, {}, "the target is null"],
  ["an object with some methods", { info() {} }, {}, "the target is an object"],
  [
    "an unknown option",
    console,
    { levels: 5 },
    'unknown option "levels", expected one of level, servers, pendingEvery',
  ],
  [
    "an unknown level",
    console,
    { level: "loud" },
    '"level" is "loud", expected one of debug, info, warn, error',
  ],
  ["an interval of 0", console, { pendingEvery: 0 }, '"pendingEvery" is 0, expected more than 0'],
  ["an interval that is no number", console, { pendingEvery: NaN }, '"pendingEvery" is NaN'],
])("logTo refuses %s", (_, target, options, message) => {
  const bus = new ProcessBus({ platform: testing() });
  expect(() => logTo(bus, target as LogTarget, options)).toThrow(message);
});

test("a record of any kind is one line of JSON", async () => {
  const { platform, bus, records } = program();
  const run = bus.run();
  await platform.clock.advance(20);
  platform.deliver("SIGQUIT");
  platform.deliver("SIGTERM");
  await platform.settle(run);
  for (const record of records) expect(JSON.parse(jsonLine(record))).toMatchObject({ bus: "shop" });
});
