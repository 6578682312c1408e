import { describe, expect, test } from "vitest";
import { fail, gate, hang, outcome, testBus, work } from "./_test_bus.ts";

describe("a start that fails", () => {
  test("stops what is up, in reverse, and nothing else", async () => {
    const { bus, settle, did, note, path } = testBus({ onStartFailure: "idle" });
    bus.use({ name: "a", start: () => {}, stop: note("stop a") });
    bus.use({ name: "b", dependsOn: ["a"], start: () => {}, stop: note("stop b") });
    bus.use({ name: "c", dependsOn: ["b"], start: fail("broken"), stop: note("stop c") });
    bus.use({ name: "d", dependsOn: ["c"], start: note("start d"), stop: note("stop d") });
    await expect(settle(bus.start())).rejects.toMatchObject({
      failures: [{ channel: "start", listener: "c", kind: "throw" }],
    });
    expect([did, path()]).toEqual([["stop b", "stop a"], "enter idle start start_error drain stop idle"]);
  });

  test("drains what is up before", async () => {
    const { bus, settle, did, note } = testBus({ onStartFailure: "idle" });
    bus.use({ name: "a", start: () => {}, drain: note("drain a"), stop: note("stop a") });
    bus.subscribe("start", fail("broken"));
    await settle(bus.start()).catch(() => {});
    expect(did).toEqual(["drain a", "stop a"]);
  });

  test("runs all plain stop listeners", async () => {
    const { bus, settle, did, note } = testBus({ onStartFailure: "idle" });
    bus.use({ name: "a", start: fail("broken") });
    bus.subscribe("start", note("start"));
    bus.subscribe("stop", note("first"));
    bus.subscribe("stop", note("second"), { priority: 10 });
    await settle(bus.start()).catch(() => {});
    expect(did).toEqual(["second", "first"]);
  });

  test("aborts the others that start, waits for them, and stops those that came up", async () => {
    const { bus, settle, did, note, platform } = testBus({ onStartFailure: "idle" });
    bus.use({ name: "slow", start: (phase) => work(phase).catch(() => {}), stop: note("stop slow") });
    bus.use({ name: "gives up", start: work, stop: note("stop gives up") });
    bus.use({ name: "bad", start: (phase) => phase.delay(10).then(fail("broken")) });
    await expect(settle(bus.start())).rejects.toMatchObject({ failures: [{ listener: "bad" }] });
    expect([did, platform.clock.now()]).toEqual([["stop slow"], 10]);
  });

  test("rejects ready of all, with the reason", async () => {
    const { bus, settle } = testBus({ onStartFailure: "idle" });
    const bad = bus.use({ name: "bad", start: fail("broken") });
    const next = bus.use({ name: "next", dependsOn: ["bad"] });
    const ready = [bad.ready, next.ready];
    await settle(bus.start()).catch(() => {});
    await expect(ready[0]).rejects.toThrow("broken");
    await expect(ready[1]).rejects.toThrow('Component "next" was not started: it waits for "bad"');
    expect([bad.status, next.status]).toEqual(["down", "down"]);
  });

  test("may be tried again, from idle", async () => {
    const { bus, settle } = testBus({ onStartFailure: "idle" });
    let tries = 0;
    const db = bus.use({
      name: "db",
      start() {
        if (++tries < 3) throw new Error("not yet");
        return tries;
      },
    });
    await settle(bus.start()).catch(() => {});
    await settle(bus.start()).catch(() => {});
    await settle(bus.start());
    expect(db.value).toBe(3);
  });

  test("says what waited for the one that took too long", async () => {
    const { bus, settle, records } = testBus();
    bus.use({ name: "db", start: hang, startWithin: 100 });
    bus.use({ name: "web", dependsOn: ["db"] });
    await expect(settle(bus.start())).rejects.toMatchObject({
      failures: [{ listener: "db", kind: "timeout", ms: 100 }],
    });
    expect(records.find(({ level }) => level === "warn")?.message).toBe(
      'Component "web" was not started: it waits for "db"',
    );
  });

  test("of two at once tells of both", async () => {
    const { bus, settle } = testBus();
    bus.use({ name: "a", start: (phase) => phase.delay(10).then(fail("one")) });
    bus.use({ name: "b", start: (phase) => work(phase).catch(fail("two")) });
    await expect(settle(bus.start())).rejects.toMatchObject({
      failures: [{ listener: "a" }, { listener: "b" }],
    });
  });
});

describe("a start given up that ends late", () => {
  test("is stopped at once, and never by the stop under way as well", async () => {
    const { bus, platform, did, logged } = testBus({ onStartFailure: "idle" });
    const coming = gate<string>();
    const db = bus.use({
      name: "db",
      startWithin: 100,
      start: () => coming.promise,
      stop: (value) => void did.push(`stop ${value}`),
    });
    bus.start();
    await platform.clock.advance(100);
    expect([bus.state, db.status, did]).toEqual(["idle", "starting", []]);
    coming.open("connection");
    await platform.flush();
    expect([did, db.status]).toEqual([["stop connection"], "down"]);
    expect(logged(/"db" came up after its start was given up: it is stopped/)).toBe(1);
  });

  test("is stopped by the phase's deadline and no later", async () => {
    const { bus, platform, settle } = testBus({ onStartFailure: "idle" });
    const coming = gate();
    const db = bus.use({ name: "db", startWithin: 100, start: () => coming.promise, stop: hang });
    await settle(bus.start()).catch(() => {});
    coming.open();
    await platform.clock.advance(10_000);
    expect(platform.clock.pending).toBe(0);
    expect(["failed", "down"]).toContain(db.status);
  });

  test("is logged where it fails to be stopped", async () => {
    const { bus, platform, settle, logged } = testBus({ onStartFailure: "idle" });
    const coming = gate();
    bus.use({ name: "db", startWithin: 100, start: () => coming.promise, stop: fail("stuck") });
    await settle(bus.start()).catch(() => {});
    coming.open();
    await platform.flush();
    expect(logged(/"db" on "stop" failed: stuck/)).toBe(1);
  });

  test("is only logged once the bus has exited", async () => {
    const { bus, settle, platform, did, note, logged } = testBus();
    const coming = gate();
    bus.use({ name: "db", startWithin: 100, start: () => coming.promise, stop: note("stop") });
    await settle(bus.start()).catch(() => {});
    coming.open();
    await platform.flush();
    expect([bus.state, did, logged(/"db" came up after its start was given up/)]).toEqual(["exited", [], 1]);
  });

  test("is waited for by the next start: there are never two", async () => {
    const { bus, platform, did, settle } = testBus({ onStartFailure: "idle" });
    const coming = gate();
    let starts = 0;
    bus.use({
      name: "db",
      startWithin: 100,
      start() {
        did.push(`start ${++starts}`);
        return starts === 1 ? coming.promise : undefined;
      },
      stop: () => void did.push("stop"),
    });
    await settle(bus.start()).catch(() => {});
    const again = bus.start();
    expect(await outcome(platform, again)).toBe("pending");
    expect(did).toEqual(["start 1"]);
    coming.open();
    await settle(again);
    expect(did).toEqual(["start 1", "stop", "start 2"]);
  });

  test("is not waited for where it may have ended with its request, and what it comes up with is stopped", async () => {
    const { bus, platform, did, settle } = testBus({
      onStartFailure: "idle",
      host: { traits: { ioOutsideRequests: false } },
    });
    const coming = gate<string>();
    let starts = 0;
    const db = bus.use<string>({
      name: "db",
      startWithin: 100,
      start: () => ++starts === 1 ? coming.promise : "second",
      stop: (value) => void did.push(`stop ${value}`),
    });
    await settle(bus.start()).catch(() => {});
    await settle(bus.start());
    expect([starts, db.status, db.value]).toEqual([2, "up", "second"]);
    coming.open("first");
    await platform.flush();
    expect([did, db.status, db.value]).toEqual([["stop first"], "up", "second"]);
  });

  test("and that rejects is down, and may start again", async () => {
    const { bus, platform, settle } = testBus({ onStartFailure: "idle" });
    const coming = gate();
    let starts = 0;
    const db = bus.use({
      name: "db",
      startWithin: 100,
      start: () => ++starts === 1 ? coming.promise : undefined,
    });
    await settle(bus.start()).catch(() => {});
    coming.fail(new Error("broken after all"));
    await platform.flush();
    expect(db.status).toBe("down");
    await settle(bus.start());
    expect(db.status).toBe("up");
  });

  test("does not take the notice from the phase that runs then", async () => {
    const { bus, platform, settle } = testBus({ onStartFailure: "idle" });
    const coming = gate();
    bus.use({ name: "db", startWithin: 100, start: () => coming.promise });
    bus.subscribe("stop", hang);
    bus.start();
    await platform.clock.advance(100);
    expect(bus.state).toBe("stop");
    coming.open();
    await platform.flush();
    platform.notice(1000);
    await settle(bus.block());
    expect(platform.clock.now()).toBeLessThanOrEqual(1100);
  });
});

describe("a stop that fails", () => {
  test("leaves the component failed, and the others are stopped", async () => {
    const { bus, settle, did, note, path } = testBus();
    bus.use({ name: "db", start: () => {}, stop: note("stop db") });
    const web = bus.use({ name: "web", dependsOn: ["db"], start: () => {}, stop: fail("stuck") });
    await settle(bus.start());
    await expect(settle(bus.stop())).rejects.toMatchObject({
      failures: [{ channel: "stop", listener: "web", kind: "throw" }],
    });
    expect([did, web.status]).toEqual([["stop db"], "failed"]);
    expect(path()).toBe("enter idle start run drain stop stop_error exit exited");
  });

  test("by taking too long is named, and the others are stopped", async () => {
    const { bus, settle, did, note, platform } = testBus();
    bus.use({ name: "db", start: () => {}, stop: note("stop db") });
    bus.use({ name: "web", dependsOn: ["db"], start: () => {}, stop: hang, stopWithin: 200 });
    await settle(bus.start());
    await expect(settle(bus.stop())).rejects.toMatchObject({
      failures: [{ listener: "web", kind: "timeout", ms: 200 }],
    });
    expect([did, platform.clock.now()]).toEqual([["stop db"], 200]);
  });

  test("keeps a component from ever being started again", async () => {
    const { bus, settle, did, note } = testBus();
    const db = bus.use({ name: "db", start: note("start"), stop: fail("stuck") });
    await settle(bus.start());
    await settle(db.remove()).catch(() => {});
    expect(db.status).toBe("failed");
    await settle(bus.graceful());
    expect([did, db.status]).toEqual([["start"], "failed"]);
  });

  test("keeps those that depend on it from starting, too", async () => {
    const { bus, settle } = testBus({ onStartFailure: "idle" });
    const db = bus.use({ name: "db", stop: fail("stuck") });
    await settle(bus.start());
    await settle(db.remove()).catch(() => {});
    bus.use({ name: "web", dependsOn: ["db"], join: "next" });
    await expect(settle(bus.graceful())).rejects.toThrow('Cannot start component "web": "db" is not up');
  });
});

describe("before anything starts", () => {
  test("a missing dependency rejects start(), naming it", async () => {
    const { bus, platform, path } = testBus();
    bus.use({ name: "web", dependsOn: ["db"] });
    await expect(bus.start()).rejects.toThrow('Cannot start component "web": there is no "db"');
    await platform.flush();
    expect([bus.state, path()]).toEqual(["initial", ""]);
  });

  test("a cycle rejects start(), naming it", async () => {
    const { bus, path } = testBus();
    bus.use({ name: "a", dependsOn: ["b"] });
    bus.use({ name: "b", dependsOn: ["c"] });
    bus.use({ name: "c", dependsOn: ["b"] });
    await expect(bus.start()).rejects.toThrow(
      "Cannot start the components: they depend on each other in a cycle, b → c → b",
    );
    expect(path()).toBe("");
  });

  test("a component that depends on itself is a cycle", async () => {
    const { bus } = testBus();
    bus.use({ name: "a", dependsOn: ["a"] });
    await expect(bus.start()).rejects.toThrow("in a cycle, a → a");
  });

  test('a cycle behind an "all" is found', async () => {
    const { bus } = testBus();
    bus.use({ name: "web", dependsOn: "all" });
    bus.use({ name: "admin", dependsOn: ["web", "page"] });
    bus.use({ name: "page", dependsOn: ["admin"] });
    await expect(bus.start()).rejects.toThrow("in a cycle, admin → page → admin");
  });

  test("both are found where the platform or a signal starts the bus", async () => {
    const { bus, platform, settle, did, note } = testBus({ onStartFailure: "idle" });
    await settle(bus.start());
    await settle(bus.stop());
    bus.subscribe("start", note("start"), { priority: 0 });
    bus.use({ name: "web", dependsOn: ["db"] });
    platform.control?.request("start", { by: "host" });
    await platform.flush();
    expect([bus.state, did]).toEqual(["idle", []]);
  });

  test("the bus may start once the missing one is there", async () => {
    const { bus, settle } = testBus();
    const web = bus.use({ name: "web", dependsOn: ["db"] });
    await bus.start().catch(() => {});
    bus.use({ name: "db" });
    await settle(bus.start());
    expect(web.status).toBe("up");
  });
});
