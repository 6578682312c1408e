import { describe, expect, test } from "vitest";
import type { Component, Phase } from "../../mod.ts";
import { fail, gate, hang, outcome, type TestBus, testBus, work } from "./_test_bus.ts";

/** Uses a component that writes down its start, drain and stop, each of which takes `ms`. */
function part({ bus, note }: TestBus, name: string, component: Partial<Component<unknown>> = {}, ms = 0) {
  const step = (word: string) =>
    note(`${word} ${name}`, (phase: Phase) => ms > 0 ? phase.delay(ms) : undefined);
  return bus.use<unknown>({ name, start: step("start"), stop: step("stop"), ...component });
}

describe("a component", () => {
  test("has the value that its start returned, while it is up", async () => {
    const { bus, settle } = testBus();
    const db = bus.use({ name: "db", start: () => Promise.resolve({ host: "a" }) });
    expect(() => db.value).toThrow('Cannot read the value of component "db": it is down');
    await settle(bus.start());
    expect(db.value).toEqual({ host: "a" });
    await settle(bus.stop());
    expect(() => db.value).toThrow("it is down");
  });

  test("is told its value when it drains and stops", async () => {
    const { bus, settle, did } = testBus();
    bus.use({
      name: "db",
      start: () => "connection",
      drain: (value) => void did.push(`drain ${value}`),
      stop: (value) => void did.push(`stop ${value}`),
    });
    await settle(bus.start());
    await settle(bus.stop());
    expect(did).toEqual(["drain connection", "stop connection"]);
  });

  test("may be an instance of a class", async () => {
    class Db {
      readonly name = "db";
      readonly url = "a";
      opened = false;
      start() {
        this.opened = true;
        return this.url;
      }
      stop() {
        this.opened = false;
      }
    }
    const { bus, settle } = testBus();
    const db = new Db();
    const handle = bus.use(db);
    await settle(bus.start());
    expect([handle.value, db.opened]).toEqual(["a", true]);
    await settle(bus.stop());
    expect(db.opened).toBe(false);
  });

  test("needs neither start nor stop", async () => {
    const { bus, settle } = testBus();
    const part = bus.use({ name: "part" });
    await settle(bus.start());
    expect([part.status, part.value]).toEqual(["up", undefined]);
    await settle(bus.stop());
    expect(part.status).toBe("down");
  });

  test("goes through its statuses", async () => {
    const life = testBus();
    const { bus, platform } = life;
    const db = part(life, "db", { drain: (_, phase) => phase.delay(10) }, 10);
    const seen = [db.status];
    bus.start();
    for (const ask of [() => {}, () => void bus.stop(), () => {}]) {
      await platform.flush();
      seen.push(db.status);
      await platform.clock.advance(10);
      seen.push(db.status);
      ask();
    }
    await platform.clock.advance(10);
    seen.push(db.status);
    expect(seen.filter((status, i) => status !== seen[i - 1])).toEqual([
      "down",
      "starting",
      "up",
      "draining",
      "stopping",
      "down",
    ]);
  });

  test("is up until it stops, where it has no drain", async () => {
    const { bus, settle } = testBus();
    const db = bus.use({ name: "db", start: () => 1 });
    const seen: string[] = [];
    bus.subscribe("drain", () => void seen.push(db.status), { priority: 90 });
    await settle(bus.start());
    await settle(bus.stop());
    expect([seen, db.status]).toEqual([["up"], "down"]);
  });

  test("is ready when it is up, and anew with each start", async () => {
    const { bus, platform, settle } = testBus();
    let starts = 0;
    const db = bus.use({ name: "db", start: () => ++starts });
    const { ready } = db;
    expect(await outcome(platform, ready)).toBe("pending");
    await settle(bus.start());
    expect(await ready).toBe(1);
    await settle(bus.graceful());
    expect([await ready, await db.ready, db.value]).toEqual([1, 2, 2]);
  });

  test("gets the phase, with its own time", async () => {
    const { bus, settle } = testBus();
    const seen: unknown[] = [];
    bus.use({
      name: "db",
      startWithin: 300,
      start: ({ state, from, left }) => void seen.push([state, from, left()]),
    });
    await settle(bus.start());
    expect(seen).toEqual([["start", "idle", 300]]);
  });
});

describe("start", () => {
  test("goes by dependency, whatever the order of use", async () => {
    const life = testBus();
    part(life, "web", { dependsOn: ["db", "mail"] });
    part(life, "mail", { dependsOn: ["db"] });
    part(life, "db");
    await life.settle(life.bus.start());
    expect(life.did).toEqual(["start db", "start mail", "start web"]);
  });

  test("takes independent components at once", async () => {
    const life = testBus();
    for (const name of ["a", "b", "c"]) part(life, name, {}, 100);
    await life.settle(life.bus.start());
    expect([life.did, life.platform.clock.now()]).toEqual([["start a", "start b", "start c"], 100]);
  });

  test("begins each as soon as those it depends on are up, and not level by level", async () => {
    const life = testBus();
    part(life, "slow", {}, 100);
    part(life, "fast", {}, 10);
    part(life, "next", { dependsOn: ["fast"] });
    life.bus.start();
    await life.platform.clock.advance(10);
    expect(life.did).toEqual(["start slow", "start fast", "start next"]);
  });

  test("awaits what a component depends on", async () => {
    const life = testBus();
    part(life, "db", {}, 100);
    part(life, "web", { dependsOn: ["db"] });
    life.bus.start();
    await life.platform.clock.advance(99);
    expect(life.did).toEqual(["start db"]);
    await life.platform.clock.advance(1);
    expect(life.did).toEqual(["start db", "start web"]);
  });

  test('takes "all" after every one that does not say "all" itself', async () => {
    const life = testBus();
    part(life, "web", { dependsOn: "all" });
    part(life, "admin", { dependsOn: "all" });
    part(life, "db", {}, 10);
    part(life, "mail", { dependsOn: ["db"] }, 10);
    await life.settle(life.bus.start());
    expect(life.did).toEqual(["start db", "start mail", "start web", "start admin"]);
  });

  test('takes what depends on one that says "all" after it, in place of a cycle', async () => {
    const life = testBus();
    part(life, "rights", { dependsOn: ["web", "file"] });
    part(life, "after", { dependsOn: ["rights"] });
    part(life, "web", { dependsOn: "all" }, 10);
    part(life, "file", {}, 10);
    await life.settle(life.bus.start());
    expect(life.did).toEqual(["start file", "start web", "start rights", "start after"]);
    await life.settle(life.bus.stop());
    expect(life.did.slice(4)).toEqual(["stop after", "stop rights", "stop web", "stop file"]);
  });

  test("stands at priority 50, before the plain listeners of that priority", async () => {
    const life = testBus();
    for (const priority of [49, 50, 51]) {
      for (const state of ["start", "drain", "stop"] as const) {
        life.bus.subscribe(state, life.note(`${state} ${priority}`), { priority });
      }
    }
    part(life, "db", { drain: life.note("drain db") });
    await life.settle(life.bus.start());
    await life.settle(life.bus.stop());
    expect(life.did).toEqual(
      ["start", "drain", "stop"].flatMap((
        state,
      ) => [`${state} 49`, `${state} db`, `${state} 50`, `${state} 51`]),
    );
  });
});

describe("stop", () => {
  test("is the reverse of start", async () => {
    const life = testBus();
    part(life, "db", {}, 10);
    part(life, "mail", { dependsOn: ["db"] }, 10);
    part(life, "web", { dependsOn: "all" }, 10);
    await life.settle(life.bus.start());
    life.did.length = 0;
    await life.settle(life.bus.stop());
    expect(life.did).toEqual(["stop web", "stop mail", "stop db"]);
  });

  test("reverses the order in which independent components came up", async () => {
    const life = testBus();
    for (const [name, ms] of [["a", 30], ["b", 10], ["c", 20]] as const) {
      part(life, name, { stop: life.note(`stop ${name}`) }, ms);
    }
    await life.settle(life.bus.start());
    life.did.length = 0;
    await life.settle(life.bus.stop());
    expect(life.did).toEqual(["stop a", "stop c", "stop b"]);
  });

  test("waits for all that depend on a component", async () => {
    const life = testBus();
    part(life, "db");
    const [one, two] = [gate(), gate()];
    part(life, "one", { dependsOn: ["db"], stop: () => one.promise });
    part(life, "two", { dependsOn: ["db"], stop: () => two.promise });
    await life.settle(life.bus.start());
    life.bus.stop();
    one.open();
    await life.platform.flush();
    expect(life.did).not.toContain("stop db");
    two.open();
    await life.platform.flush();
    expect(life.did).toContain("stop db");
  });

  test("comes after drain, which takes all at once, and whose failure changes nothing", async () => {
    const life = testBus();
    part(life, "db", { drain: life.note("drain db", (phase) => phase.delay(100)) });
    part(life, "web", {
      dependsOn: ["db"],
      drain: life.note("drain web", (phase) => phase.delay(100).then(fail("broken"))),
    });
    await life.settle(life.bus.start());
    life.did.length = 0;
    await expect(life.settle(life.bus.stop())).rejects.toMatchObject({
      failures: [{ channel: "drain", listener: "web" }],
    });
    expect([life.did, life.platform.clock.now()]).toEqual([
      ["drain db", "drain web", "stop web", "stop db"],
      100,
    ]);
  });

  test("takes a component once, however the bus goes on", async () => {
    const life = testBus();
    part(life, "db");
    await life.settle(life.bus.start());
    await life.settle(life.bus.stop());
    await life.settle(life.bus.exit());
    expect(life.did).toEqual(["start db", "stop db"]);
  });
});

describe("inspect", () => {
  test("tells name, status, time, and what a component waits for", async () => {
    const life = testBus();
    part(life, "db", {}, 100);
    part(life, "cache", {}, 10);
    part(life, "web", { dependsOn: ["db", "cache"] });
    life.bus.start();
    await life.platform.clock.advance(30);
    expect(life.bus.inspect().components).toEqual([
      { name: "db", status: "starting", ms: 30 },
      { name: "cache", status: "up", ms: 10 },
      { name: "web", status: "down", waitsFor: ["db"] },
    ]);
  });

  test("tells which component keeps another from being stopped", async () => {
    const life = testBus();
    part(life, "db");
    part(life, "web", { dependsOn: ["db"], stop: hang });
    await life.settle(life.bus.start());
    life.bus.stop();
    await life.platform.clock.advance(5);
    expect(life.bus.inspect().components).toMatchObject([
      { name: "db", waitsFor: ["web"] },
      { name: "web", status: "stopping", ms: 5 },
    ]);
  });

  test("waits for nobody at rest", async () => {
    const life = testBus();
    part(life, "db");
    part(life, "web", { dependsOn: ["db"] });
    const none = [{ name: "db", status: "down" }, { name: "web", status: "down" }];
    expect(life.bus.inspect().components).toEqual(none);
    await life.settle(life.bus.start());
    expect(life.bus.inspect().components?.every(({ waitsFor }) => waitsFor === undefined)).toBe(true);
  });
});

test("each start and stop is logged with its time", async () => {
  const life = testBus();
  part(life, "db", {}, 40);
  await life.settle(life.bus.start());
  await life.settle(life.bus.stop());
  expect([
    life.logged(/^Component "db" is up after 40 ms$/),
    life.logged(/^Component "db" is down after 40 ms$/),
  ]).toEqual([1, 1]);
});

test("a component may work until its signal aborts", async () => {
  const life = testBus();
  part(life, "db", { start: work, startWithin: 100 });
  await expect(life.settle(life.bus.start())).rejects.toMatchObject({
    failures: [{ listener: "db", kind: "timeout" }],
  });
  expect(life.platform.clock.now()).toBe(90);
});
