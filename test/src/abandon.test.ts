import { describe, expect, test } from "vitest";
import { fail, gate, hang, LIFE, outcome, type TestBus, testBus } from "./_test_bus.ts";

/** Lets the phase under way begin, then takes its driver away; the promise's callbacks never come, as on such a host. */
async function abandon({ platform }: TestBus): Promise<void> {
  await platform.flush();
  platform.abandon("the request is over");
  await platform.flush();
}

describe("a driver that dies", () => {
  test("fails the listener it was in, and the bus goes on from that call", async () => {
    const life = testBus();
    const { bus, settle, did, note, path } = life;
    await settle(bus.start());
    bus.subscribe("drain", note("first", hang), { name: "first" });
    bus.subscribe("drain", note("second"));
    const exited = bus.exit();
    await abandon(life);
    await expect(exited).rejects.toMatchObject({
      failures: [{
        channel: "drain",
        listener: "first",
        kind: "abort",
        error: { message: /the request is over/ },
      }]
        .map(({ error: _, ...failure }) => failure),
    });
    expect([did, path()]).toEqual([["first", "second"], LIFE]);
    expect(life.platform.exits).toMatchObject([{ code: 70 }]);
  });

  test("is told of as the cause", async () => {
    const life = testBus();
    life.bus.subscribe("start", hang, { name: "slow" });
    const started = life.bus.start();
    await abandon(life);
    await expect(started).rejects.toThrow("the context that drove it is gone: the request is over");
    expect(life.logged(/"slow" on "start" failed: .*the request is over/)).toBe(1);
  });

  test("in start leaves a bus at idle that a later call starts", async () => {
    const life = testBus({ onStartFailure: "idle" });
    const { bus, settle, path } = life;
    bus.subscribe("start", hang, { once: true });
    bus.start();
    await abandon(life);
    expect([bus.state, bus.settled]).toEqual(["idle", true]);
    await settle(bus.start());
    expect(path()).toBe("enter idle start start_error drain stop idle start run");
  });

  test("in enter, while the platform attaches, ends the bus", async () => {
    const attaching = gate();
    const life = testBus({ host: { attach: () => attaching.promise } });
    const started = life.bus.start();
    await abandon(life);
    await expect(started).rejects.toMatchObject({
      failures: [{ channel: "enter", listener: "attach", kind: "abort" }],
    });
    expect(life.path()).toBe("enter stop_error exit exited");
  });

  test("in one stop listener lets the others run", async () => {
    const life = testBus();
    const { bus, settle, did, note, path } = life;
    await settle(bus.start());
    bus.subscribe("stop", hang);
    bus.subscribe("stop", note("second"));
    const stopped = bus.stop();
    await abandon(life);
    await expect(stopped).rejects.toMatchObject({ failures: [{ kind: "abort" }] });
    expect([did, path()]).toEqual([["second"], "enter idle start run drain stop stop_error exit exited"]);
  });

  test("may die again", async () => {
    const life = testBus();
    const { bus, settle } = life;
    await settle(bus.start());
    for (const name of ["first", "second"]) bus.subscribe("drain", () => hang(), { name });
    const stopped = bus.stop();
    await abandon(life);
    expect(bus.state).toBe("drain");
    await abandon(life);
    await expect(stopped).rejects.toMatchObject({
      failures: [{ listener: "first" }, { listener: "second" }],
    });
    expect(bus.state).toBe("idle");
  });

  test("leaves no timer of the phase behind", async () => {
    const life = testBus();
    life.bus.subscribe("start", hang);
    life.bus.start();
    await abandon(life);
    expect(life.platform.clock.pending).toBe(0);
  });

  test("lets go of what the bus held", async () => {
    const life = testBus();
    await life.settle(life.bus.start());
    life.bus.hold(hang());
    life.bus.stop().catch(() => {});
    await abandon(life);
    expect(life.bus.state).toBe("idle");
  });

  test("leaves its listener in inspect() until that settles after all, which changes nothing", async () => {
    const life = testBus();
    const { bus, platform, settle } = life;
    await settle(bus.start());
    const slow = gate();
    bus.subscribe("drain", () => slow.promise, { name: "slow" });
    const exited = bus.exit();
    await abandon(life);
    const running = () =>
      bus.inspect().channels["drain"]?.filter(({ running }) => running !== undefined).map(({ name }) => name);
    expect(running()).toEqual(["slow"]);
    slow.fail(new Error("late"));
    await platform.flush();
    expect(running()).toEqual([]);
    await expect(exited).rejects.toMatchObject({ failures: [{ kind: "abort" }] });
    expect(life.path()).toBe(LIFE);
  });

  test("at rest is no loss", async () => {
    const life = testBus();
    await life.settle(life.bus.start());
    await abandon(life);
    expect([life.bus.state, life.records.filter(({ level }) => level === "warn" || level === "error")])
      .toEqual(["run", []]);
    await life.settle(life.bus.exit());
    expect(life.path()).toBe(LIFE);
  });

  test("after the end is no loss either", async () => {
    const life = testBus();
    await life.settle(life.bus.exit());
    await abandon(life);
    expect(life.platform.exits.length).toBe(1);
  });
});

describe("components of a driver that died", () => {
  test("in their start are down, the others are stopped, and may start again", async () => {
    const life = testBus({ onStartFailure: "idle" });
    const { bus, settle, did, note } = life;
    let tries = 0;
    const db = bus.use({ name: "db", start: () => ++tries === 1 ? hang() : "connection" });
    const cache = bus.use({ name: "cache", start: () => {}, stop: note("stop cache") });
    bus.use({ name: "web", dependsOn: ["db"], start: note("start web") });
    const started = bus.start();
    await abandon(life);
    await expect(started).rejects.toMatchObject({ failures: [{ listener: "db", kind: "abort" }] });
    expect([did, db.status, cache.status, bus.state]).toEqual([["stop cache"], "down", "down", "idle"]);
    await settle(bus.start());
    expect(db.value).toBe("connection");
  });

  test("that come up after all are stopped at once", async () => {
    const life = testBus({ onStartFailure: "idle" });
    const { bus, platform, did } = life;
    const coming = gate<string>();
    const db = bus.use({
      name: "db",
      start: () => coming.promise,
      stop: (value) => void did.push(`stop ${value}`),
    });
    bus.start();
    await abandon(life);
    coming.open("connection");
    await platform.flush();
    expect([did, db.status]).toEqual([["stop connection"], "down"]);
  });

  test("in their stop have failed, and the others are stopped", async () => {
    const life = testBus();
    const { bus, settle, did, note } = life;
    bus.use({ name: "db", start: () => {}, stop: note("stop db") });
    const web = bus.use({ name: "web", dependsOn: ["db"], start: () => {}, stop: hang });
    await settle(bus.start());
    const exited = bus.exit();
    await abandon(life);
    await expect(exited).rejects.toMatchObject({
      failures: [{ channel: "stop", listener: "web", kind: "abort" }],
    });
    expect([did, web.status, bus.state]).toEqual([["stop db"], "failed", "exited"]);
  });

  test("in a late join reject ready, and the bus goes on", async () => {
    const life = testBus();
    const { bus, settle } = life;
    await settle(bus.start());
    const db = bus.use({ name: "db", start: hang });
    await abandon(life);
    await expect(db.ready).rejects.toThrow("abandoned");
    expect([bus.state, db.status]).toEqual(["run", "down"]);
    expect(await settle(bus.reload())).toBe(1);
  });

  test("in a remove reject it", async () => {
    const life = testBus();
    const { bus, settle } = life;
    const db = bus.use({ name: "db", start: () => {}, stop: hang });
    await settle(bus.start());
    const removed = db.remove();
    await abandon(life);
    await expect(removed).rejects.toThrow("the request is over");
    await settle(bus.exit());
  });
});

describe("what a driver that died left behind", () => {
  test("a join that comes up while the bus stops takes nothing from that stop", async () => {
    const life = testBus({ deadlines: { stop: 1000 } });
    const { bus, platform, settle, did } = life;
    await settle(bus.start());
    const coming = gate();
    const db = bus.use({ name: "db", start: () => coming.promise, stop: () => void did.push("stop db") });
    await abandon(life);
    bus.subscribe("stop", hang);
    const exited = bus.exit();
    await platform.flush();
    expect(bus.state).toBe("stop");
    coming.open();
    await platform.flush();
    expect([did, db.status, bus.state]).toEqual([["stop db"], "down", "stop"]);
    await expect(settle(exited)).rejects.toMatchObject({ failures: [{ channel: "stop", kind: "timeout" }] });
    expect(platform.clock.now()).toBe(1000);
  });

  test("a remove whose drain settles while the bus exits takes nothing from that exit", async () => {
    const life = testBus({ deadlines: { exit: 1000 } });
    const { bus, platform, settle, did, note } = life;
    const draining = gate();
    const first = [draining.promise];
    const db = bus.use({ name: "db", drain: () => first.pop(), stop: note("stop db") });
    await settle(bus.start());
    const removed = db.remove();
    await abandon(life);
    await expect(removed).rejects.toThrow("the request is over");
    bus.subscribe("exit", hang);
    const exited = bus.exit();
    await platform.flush();
    expect([bus.state, did]).toEqual(["exit", ["stop db"]]);
    draining.open();
    await platform.flush();
    expect([bus.state, did]).toEqual(["exit", ["stop db"]]);
    await settle(exited).catch(() => {});
    expect(platform.clock.now()).toBe(1000);
  });

  test("a start of many components leaves none of them up, whatever settles later", async () => {
    const life = testBus({ onStartFailure: "idle" });
    const { bus, platform, did, settle } = life;
    const gates = ["a", "b", "c"].map((name) => {
      const coming = gate();
      bus.use({ name, start: () => coming.promise, stop: () => void did.push(`stop ${name}`) });
      return coming;
    });
    bus.start();
    await platform.flush();
    gates[0]!.open();
    await abandon(life);
    expect([bus.state, did]).toEqual(["idle", ["stop a"]]);
    gates[2]!.open();
    gates[1]!.fail(new Error("late"));
    await platform.flush();
    expect(did).toEqual(["stop a", "stop c"]);
    await settle(bus.exit());
    expect(platform.left(bus)).toMatchObject({ components: [], timers: 0, running: [] });
  });
});

describe("a driver that dies as its work is done", () => {
  const turns = [0, 1, 2, 3, 4, 5];

  test.each(turns)("has not ended what a join asked for (%i turns later)", async (count) => {
    const { bus, platform, settle, path } = testBus();
    await settle(bus.start());
    bus.use({ name: "late", start: (phase) => phase.request("exit") });
    for (let turn = 0; turn < count; turn++) await Promise.resolve();
    platform.abandon("the request is over");
    await settle(bus.wait("exited"));
    expect([path(), platform.exits.length]).toEqual([LIFE, 1]);
  });

  test.each(turns)("takes no other down with what it removed (%i turns later)", async (count) => {
    const { bus, platform, settle, path } = testBus();
    const db = bus.use({ name: "db", drain: (_, phase) => phase.request("exit"), stop: () => {} });
    await settle(bus.start());
    db.remove();
    for (let turn = 0; turn < count; turn++) await Promise.resolve();
    platform.abandon("the request is over");
    await settle(bus.exit()).catch(() => {});
    expect([path(), platform.exits.length]).toEqual([LIFE, 1]);
  });
});

describe("a reload of a driver that died", () => {
  test("rejects, and the next one goes through", async () => {
    const life = testBus();
    const { bus, settle } = life;
    await settle(bus.start());
    bus.subscribe("reload", hang, { once: true });
    const reloaded = bus.reload();
    const next = bus.reload();
    await abandon(life);
    await expect(reloaded).rejects.toThrow("the request is over");
    expect(await settle(next)).toBe(1);
  });

  test("prepares nothing more, and commits nothing, when its listener settles after all", async () => {
    const life = testBus();
    const { bus, platform, settle, did, note } = life;
    await settle(bus.start());
    const preparing = gate<{ commit(): void }>();
    bus.subscribe("reload", () => preparing.promise, { once: true });
    bus.subscribe("reload", note("second") as never);
    bus.reload();
    await abandon(life);
    preparing.open({ commit: () => void did.push("commit") });
    await platform.flush();
    expect(did).toEqual([]);
  });
});

test("a call made while no driver lives drives the bus on", async () => {
  const life = testBus();
  const { bus, platform, settle } = life;
  bus.subscribe("start", fail("broken"), { once: true });
  bus.subscribe("start_error", hang);
  const started = bus.start();
  await abandon(life);
  await settle(bus.exit()).catch(() => {});
  expect(await outcome(platform, started)).toMatchObject({ name: "ChannelFailures" });
  expect(bus.state).toBe("exited");
});
