/** The records of the bus itself: programs look at their event and its fields, never at the message. */
import { describe, expect, test } from "vitest";
import { guest, type LogRecord } from "../../mod.ts";
import { fail, hang, type TestBus, testBus } from "./_test_bus.ts";

/** The records of one event, without time, message and bus. */
function of({ records }: TestBus, event: string): Partial<LogRecord>[] {
  return records.filter((record) => record.event === event).map((
    { time: _, message: __, bus: ___, ...fields },
  ) => fields);
}

async function liveUnder(life: TestBus): Promise<void> {
  await life.settle(life.bus.start());
  life.platform.deliver("SIGTERM");
  await life.settle(life.bus.block());
}

describe("the event", () => {
  test("state is logged when a state is entered, with where from, where to and why", async () => {
    const life = testBus();
    await liveUnder(life);
    const why = { level: "info", event: "state", goal: "exit", by: "signal", name: "SIGTERM" };
    expect(of(life, "state").slice(0, 2)).toEqual([
      { level: "info", event: "state", state: "enter", from: "initial", goal: "start", by: "call" },
      { level: "info", event: "state", state: "idle", from: "enter", goal: "start", by: "call" },
    ]);
    expect(of(life, "state").slice(4)).toEqual([
      { ...why, state: "drain", from: "run" },
      { ...why, state: "stop", from: "drain" },
      { ...why, state: "idle", from: "stop" },
      { ...why, state: "exit", from: "idle" },
      { ...why, state: "exited", from: "exit" },
    ]);
  });

  test.each(["exit", "idle"] as const)(
    "state tells that a failed stop leads to the exit: onStartFailure %s",
    async (onStartFailure) => {
      const life = testBus({ onStartFailure });
      life.bus.subscribe("stop", fail("stuck"));
      await life.settle(life.bus.start());
      await life.settle(life.bus.stop()).catch(() => {});
      expect(of(life, "state").slice(-3).map(({ state, goal, by }) => [state, goal, by])).toEqual([
        ["stop_error", "exit", "error"],
        ["exit", "exit", "error"],
        ["exited", "exit", "error"],
      ]);
    },
  );

  test("settled is logged when the listeners of a state are done, with how long they took", async () => {
    const life = testBus();
    life.bus.subscribe("drain", (phase) => phase.delay(70));
    await liveUnder(life);
    expect(of(life, "settled").find(({ state }) => state === "drain")).toEqual({
      level: "debug",
      event: "settled",
      state: "drain",
      goal: "exit",
      by: "signal",
      name: "SIGTERM",
      ms: 70,
    });
    expect(of(life, "settled").length).toBe(9);
  });

  test("component is logged before each of its calls and after each start and stop", async () => {
    const life = testBus();
    const { bus, records } = life;
    const seen: unknown[] = [];
    const look = () => void seen.push(records.at(-1)?.["status"]);
    bus.use({ name: "db", start: (phase) => (look(), phase.delay(5)), drain: look, stop: look });
    await liveUnder(life);
    expect(seen).toEqual(["starting", "draining", "stopping"]);
    const about = { event: "component", component: "db" };
    expect(of(life, "component")).toEqual([
      { ...about, level: "debug", state: "start", status: "starting" },
      { ...about, level: "info", state: "start", status: "up", ms: 5 },
      { ...about, level: "debug", state: "drain", status: "draining" },
      { ...about, level: "debug", state: "stop", status: "stopping" },
      { ...about, level: "info", state: "stop", status: "down", ms: 0 },
    ]);
  });

  test("component tells what a component waited for that was not started", async () => {
    const life = testBus();
    life.bus.use({ name: "db", start: fail("refused") });
    life.bus.use({ name: "web", dependsOn: ["db"] });
    await life.settle(life.bus.run());
    expect(of(life, "component").filter(({ level }) => level === "warn")).toEqual([
      { event: "component", component: "web", status: "down", level: "warn", state: "start" },
    ]);
  });

  test("failure names listener, channel, kind and milliseconds, and has the error", async () => {
    const life = testBus();
    const error = new Error("lost");
    life.bus.subscribe("drain", (phase) => phase.delay(20).then(() => Promise.reject(error)), {
      name: "orders",
    });
    await liveUnder(life);
    expect(of(life, "failure")).toEqual([
      {
        level: "error",
        event: "failure",
        state: "drain",
        listener: "orders",
        channel: "drain",
        kind: "throw",
        ms: 20,
        error,
      },
    ]);
  });

  test("late tells of a call that settles after all, with its error", async () => {
    const life = testBus({ deadlines: { drain: 100 } });
    const error = new Error("lost");
    const { clock } = life.platform;
    life.bus.subscribe(
      "drain",
      () => new Promise((_, reject) => void clock.setTimer(150, () => reject(error))),
      { name: "orders" },
    );
    life.bus.subscribe("stop", (phase) => phase.delay(200));
    await liveUnder(life);
    expect(of(life, "late")).toEqual([
      { level: "warn", event: "late", state: "stop", listener: "orders", channel: "drain", ms: 150, error },
    ]);
  });

  test("forced names what a second signal cuts", async () => {
    const life = testBus();
    const { bus, platform, settle } = life;
    bus.subscribe("drain", hang, { name: "orders" });
    await settle(bus.start());
    void bus.hold(hang(), { name: "mail" });
    platform.deliver("SIGTERM");
    await platform.clock.advance(600);
    platform.deliver("SIGTERM");
    expect(await settle(bus.block())).toBe(143);
    expect(of(life, "forced")).toEqual([{
      level: "warn",
      event: "forced",
      state: "drain",
      reason: { by: "signal", name: "SIGTERM", number: 15 },
      pending: [{ listener: "orders", channel: "drain", ms: 600 }],
    }]);
  });

  test("signal tells whether it was folded into the one before", async () => {
    const life = testBus();
    const { bus, platform, settle } = life;
    bus.subscribe("drain", (phase) => phase.delay(1_000));
    await settle(bus.start());
    platform.deliver("SIGTERM");
    await platform.clock.advance(400);
    platform.deliver("SIGINT");
    platform.deliver("SIGUSR1", { number: 10 });
    await settle(bus.block());
    const record = (name: string, number: number, folded: boolean) =>
      expect.objectContaining({
        level: "debug",
        event: "signal",
        reason: { by: "signal", name, number },
        folded,
      });
    expect(of(life, "signal")).toEqual([
      record("SIGTERM", 15, false),
      record("SIGINT", 2, true),
      record("SIGUSR1", 10, false),
    ]);
  });

  test("reload has its generation, its outcome and the failures", async () => {
    const life = testBus();
    const { bus, settle } = life;
    await settle(bus.start());
    const commits = bus.subscribe("reload", () => ({ commit: fail("half") }), { name: "half" });
    await settle(bus.reload());
    commits.unsubscribe();
    const vetoes = bus.subscribe("reload", fail("veto"), { name: "veto" });
    await settle(bus.reload()).catch(() => {});
    vetoes.unsubscribe();
    bus.subscribe(
      "reload",
      ({ signal }) => new Promise((_, no) => signal.addEventListener("abort", () => no(signal.reason))),
    );
    void bus.reload();
    void bus.exit();
    await settle(bus.block());
    const failure = (
      listener: string,
    ) => [expect.objectContaining({ listener, channel: "reload", kind: "throw" })];
    const record = (fields: object) => expect.objectContaining({ event: "reload", ...fields });
    expect(of(life, "reload")).toEqual([
      record({ level: "info", generation: 1, outcome: "committed", failures: failure("half") }),
      record({ level: "warn", generation: 2, outcome: "vetoed", failures: failure("veto") }),
      record({ level: "warn", generation: 2, outcome: "overtaken", failures: [] }),
    ]);
  });

  test("inspect has the report of the bus", async () => {
    const life = testBus();
    await life.settle(life.bus.start());
    life.platform.deliver("SIGQUIT");
    expect(of(life, "inspect")).toEqual([
      {
        level: "warn",
        event: "inspect",
        state: "run",
        report: expect.objectContaining({ state: "run", generation: 0 }),
      },
    ]);
  });

  test("exit has the code, whether it was forced, and what still runs", async () => {
    const life = testBus({ deadlines: { stop: 100 } });
    life.bus.use({ name: "db", stop: hang });
    await liveUnder(life);
    expect(of(life, "exit")).toEqual([{
      level: "error",
      event: "exit",
      state: "exited",
      code: 70,
      forced: false,
      pending: [{ listener: "db", channel: "stop", ms: 100 }],
    }]);
  });

  test("exit is no more than information where nothing was left", async () => {
    const life = testBus();
    await liveUnder(life);
    expect(of(life, "exit")).toEqual([
      { level: "info", event: "exit", state: "exited", code: 0, forced: false, pending: [] },
    ]);
  });

  test("missed names a listener of start that comes while the bus runs", async () => {
    const life = testBus();
    const { bus, settle } = life;
    bus.subscribe("start", () => {});
    await settle(bus.start());
    bus.subscribe("start", function late() {});
    bus.subscribe("start", () => {}, { name: "named" });
    bus.subscribe("stop", () => {});
    expect(of(life, "missed").map(({ listener, level }) => [level, listener])).toEqual([["info", "late"], [
      "info",
      "named",
    ]]);
  });

  test("grace is logged once where the host leaves less time than the stop may take", async () => {
    const life = testBus({ host: { traits: { notice: { kind: "signal", graceMs: 20_000 } } } });
    await life.settle(life.bus.start());
    await life.settle(life.bus.graceful());
    expect(of(life, "grace")).toEqual([{
      level: "warn",
      event: "grace",
      state: "idle",
      ms: 25_000,
      graceMs: 20_000,
    }]);
  });

  test("failure names a promise that was held and rejected", async () => {
    const life = testBus();
    const { bus, settle } = life;
    await settle(bus.start());
    bus.hold(Promise.reject(new Error("lost")), { name: "mail" }).catch(() => {});
    guest(bus, "shop").hold(Promise.reject(new Error("lost too"))).catch(() => {});
    await life.platform.flush();
    const record = { level: "error", channel: "hold" };
    expect(of(life, "failure")).toMatchObject([
      { ...record, listener: "mail" },
      { ...record, listener: "shop/promise", guest: "shop" },
    ]);
  });
});

describe("hold", () => {
  test("is named in the report, the oldest first, with the milliseconds since", async () => {
    const { bus, settle, platform } = testBus();
    await settle(bus.start());
    void bus.hold(hang(), { name: "mail" });
    await platform.clock.advance(30);
    void bus.hold(hang());
    expect(bus.inspect().held).toEqual([{ name: "mail", ms: 30 }, { name: "promise", ms: 0 }]);
  });

  test("is named where the drain has no time left for it", async () => {
    const life = testBus({ deadlines: { drain: 100 } });
    const { bus, settle } = life;
    await settle(bus.start());
    void bus.hold(hang(), { name: "mail" });
    expect(String(await settle(bus.stop().catch(String)))).toContain("hold (drain) timed out after 100 ms");
    expect(bus.inspect().held).toEqual([]);
  });

  test.each([null, "", 5])("refuses a name that is none: %s", (name) => {
    const { bus } = testBus();
    expect(() => bus.hold(Promise.resolve(), { name: name as string })).toThrow(
      /name is .*expected a string/,
    );
  });
});
