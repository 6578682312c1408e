import { describe, expect, test } from "vitest";
import { fail, gate, hang, LIFE, outcome, testBus, work } from "./_test_bus.ts";

const superseded = { name: "TransitionError", kind: "superseded" };
const unreachable = { name: "TransitionError", kind: "unreachable" };
const respawn = { host: { respawn: true } } as const;

describe("a stronger goal during start", () => {
  test.each(
    [
      ["exit", "enter idle start drain stop idle exit exited"],
      ["restart", "enter idle start drain stop idle exit exited"],
      ["stop", "enter idle start drain stop idle"],
      ["graceful", "enter idle start drain stop idle start run"],
    ] as const,
  )("%s gives it up and rolls back", async (goal, path) => {
    const life = testBus(respawn);
    life.bus.subscribe("start", work, { once: true });
    life.bus.start();
    await life.platform.flush();
    await life.settle(life.bus[goal]());
    expect(life.path()).toBe(path);
    expect(life.platform.clock.now()).toBe(0);
  });

  test.each(["exit", "restart", "stop"] as const)("%s rejects start() as superseded", async (goal) => {
    const { bus, platform } = testBus(respawn);
    bus.subscribe("start", work);
    const started = bus.start();
    await platform.flush();
    bus[goal]();
    await expect(started).rejects.toMatchObject({ ...superseded, target: "run" });
  });

  test("graceful resolves start(), since it runs in the end", async () => {
    const { bus, platform, settle } = testBus();
    bus.subscribe("start", work, { once: true });
    const started = bus.start();
    await platform.flush();
    bus.graceful();
    await settle(started);
    expect([bus.state, bus.settled]).toEqual(["run", true]);
  });

  test("begins no further start listener", async () => {
    const { bus, platform, settle, did, note } = testBus();
    bus.subscribe("start", note("first", work));
    bus.subscribe("start", note("second"));
    bus.start();
    await platform.flush();
    await settle(bus.exit());
    expect(did).toEqual(["first"]);
  });

  test("waits for the listener that it aborted", async () => {
    const { bus, platform } = testBus();
    const cleaned = gate();
    bus.subscribe("start", (phase) => work(phase).catch(() => cleaned.promise));
    bus.start();
    await platform.flush();
    bus.exit();
    await platform.flush();
    expect(bus.state).toBe("start");
    cleaned.open();
    await platform.flush();
    expect(bus.state).toBe("exited");
  });

  test("waits no longer than settle for one that looks at no signal, and names it", async () => {
    const { bus, platform, settle, path } = testBus();
    bus.subscribe("start", hang, { name: "deaf" });
    bus.start();
    await platform.flush();
    await expect(settle(bus.exit())).rejects.toMatchObject({
      failures: [{ listener: "deaf", kind: "timeout", ms: 5000 }],
    });
    expect(platform.clock.now()).toBe(5000);
    expect(path()).toBe("enter idle start start_error drain stop idle exit exited");
  });

  test("does not take what was aborted for a failure", async () => {
    const { bus, platform, settle, records } = testBus();
    bus.subscribe("start", work);
    bus.start();
    await platform.flush();
    await settle(bus.exit());
    expect(records.filter(({ level }) => level === "warn" || level === "error")).toEqual([]);
  });

  test("takes a listener for failed that fails of its own accord", async () => {
    const { bus, platform, settle, path } = testBus();
    bus.subscribe("start", (phase) => work(phase).catch(fail("cannot clean up")));
    bus.start();
    await platform.flush();
    await expect(settle(bus.exit())).rejects.toMatchObject({ failures: [{ kind: "throw" }] });
    expect(path()).toBe("enter idle start start_error drain stop idle exit exited");
  });
});

describe("a stronger goal during another state", () => {
  test.each(
    [
      ["enter", "enter idle exit exited"],
      ["idle", "enter idle exit exited"],
      ["run", LIFE],
    ] as const,
  )("aborts the listeners of %s for exit", async (state, path) => {
    const life = testBus();
    life.bus.subscribe(state, work, { once: true });
    life.bus.start();
    await life.platform.flush();
    expect(life.bus.state).toBe(state);
    await life.settle(life.bus.exit());
    expect(life.path()).toBe(path);
    expect(life.platform.clock.now()).toBe(0);
  });

  test.each(["enter", "idle"] as const)(
    "leaves those of %s alone for stop, since they lie on its way",
    async (state) => {
      const { bus, platform, settle, path } = testBus();
      bus.subscribe(state, (phase) => phase.delay(100));
      const started = bus.start();
      await platform.flush();
      const stopped = bus.stop();
      await settle(stopped);
      expect([platform.clock.now(), path()]).toEqual([100, "enter idle"]);
      await expect(started).rejects.toMatchObject(superseded);
    },
  );

  test("leaves those of drain and stop alone", async () => {
    const { bus, platform, settle, path } = testBus();
    bus.subscribe("drain", (phase) => phase.delay(100));
    bus.subscribe("stop", (phase) => phase.delay(100));
    await settle(bus.start());
    bus.graceful();
    await platform.flush();
    bus.stop();
    await platform.clock.advance(150);
    await settle(bus.exit());
    expect([platform.clock.now(), path()]).toEqual([200, LIFE]);
  });

  test("resolves stop() that exit overtakes, since idle is passed on the way", async () => {
    const { bus, platform, settle } = testBus();
    bus.subscribe("drain", (phase) => phase.delay(100));
    await settle(bus.start());
    const stopped = bus.stop();
    await platform.flush();
    const exited = bus.exit();
    expect(await outcome(platform, stopped)).toBe("pending");
    await settle(Promise.all([stopped, exited]));
  });

  test.each(["stop", "restart", "exit"] as const)("rejects graceful() that %s overtakes", async (goal) => {
    const { bus, platform, settle } = testBus(respawn);
    bus.subscribe("drain", (phase) => phase.delay(100));
    await settle(bus.start());
    const graceful = bus.graceful();
    await platform.flush();
    await settle(bus[goal]());
    await expect(graceful).rejects.toMatchObject(superseded);
  });
});

describe("the same goal again", () => {
  test("exit runs the stop listeners once, and resolves both", async () => {
    const { bus, settle, did, note } = testBus();
    bus.subscribe("stop", note("stop", (phase) => phase.delay(10)));
    await settle(bus.start());
    await settle(Promise.all([bus.exit(), bus.exit()]));
    expect(did).toEqual(["stop"]);
  });

  test("start is one start", async () => {
    const { bus, settle, did, note } = testBus();
    bus.subscribe("start", note("start", (phase) => phase.delay(10)));
    await settle(Promise.all([bus.start(), bus.start()]));
    expect(did).toEqual(["start"]);
  });

  test("graceful before idle is one more run, not two", async () => {
    const { bus, settle, path } = testBus();
    bus.subscribe("drain", (phase) => phase.delay(10));
    await settle(bus.start());
    await settle(Promise.all([bus.graceful(), bus.graceful()]));
    expect(path()).toBe("enter idle start run drain stop idle start run");
  });
});

describe("a weaker goal", () => {
  test.each(["start", "graceful"] as const)("%s during stop waits for its turn", async (goal) => {
    const { bus, platform, settle, path } = testBus();
    bus.subscribe("stop", (phase) => phase.delay(100));
    await settle(bus.start());
    const stopped = bus.stop();
    await platform.flush();
    const again = bus[goal]();
    await settle(stopped);
    await settle(again);
    expect(path()).toBe("enter idle start run drain stop idle start run");
  });

  test("start during graceful is served by it", async () => {
    const { bus, platform, settle, path } = testBus();
    bus.subscribe("drain", (phase) => phase.delay(10));
    await settle(bus.start());
    bus.graceful();
    await platform.flush();
    await settle(bus.start());
    expect(path()).toBe("enter idle start run drain stop idle start run");
  });

  test("that waits is given up by another stop", async () => {
    const { bus, platform, settle } = testBus();
    bus.subscribe("stop", (phase) => phase.delay(100));
    await settle(bus.start());
    bus.stop();
    await platform.flush();
    const started = bus.start();
    await settle(bus.stop());
    await expect(started).rejects.toMatchObject(superseded);
    expect(bus.state).toBe("idle");
  });

  test("that waits is given up by exit", async () => {
    const { bus, platform, settle } = testBus();
    bus.subscribe("stop", (phase) => phase.delay(100));
    await settle(bus.start());
    bus.stop();
    await platform.flush();
    const started = bus.start();
    bus.exit();
    await expect(settle(started)).rejects.toMatchObject(superseded);
  });

  test.each(["start", "stop", "graceful", "restart"] as const)(
    "%s rejects once exit was asked",
    async (goal) => {
      const { bus, settle, path } = testBus(respawn);
      await settle(bus.start());
      const exited = bus.exit();
      await expect(bus[goal]()).rejects.toMatchObject(unreachable);
      await settle(exited);
      expect(path()).toBe(LIFE);
    },
  );

  test.each(["start", "stop", "graceful"] as const)("%s rejects once restart was asked", async (goal) => {
    const { bus, settle, platform } = testBus(respawn);
    await settle(bus.start());
    const restarted = bus.restart();
    await expect(bus[goal]()).rejects.toMatchObject(unreachable);
    await settle(restarted);
    expect(platform.respawns.length).toBe(1);
  });

  test("start rejects with the failures of the stop that it waited for", async () => {
    const { bus, platform, settle } = testBus();
    bus.subscribe("stop", (phase) => phase.delay(10).then(fail("broken")));
    await settle(bus.start());
    bus.stop();
    await platform.flush();
    await expect(settle(bus.start())).rejects.toBeInstanceOf(Error);
    await platform.flush();
    expect([bus.state, platform.exits.length]).toEqual(["exited", 1]);
  });
});

describe("graceful", () => {
  test.each([
    ["initial", "enter idle start run"],
    ["idle", "enter idle start run drain stop idle start run"],
  ])("from %s is a start", async (state, path) => {
    const life = testBus();
    if (state === "idle") {
      await life.settle(life.bus.start());
      await life.settle(life.bus.stop());
    }
    await life.settle(life.bus.graceful());
    expect(life.path()).toBe(path);
  });

  test("from run resolves when the bus runs again", async () => {
    const { bus, platform } = testBus();
    await platform.settle(bus.start());
    const ready = gate();
    bus.subscribe("run", () => ready.promise);
    const graceful = bus.graceful();
    expect(await outcome(platform, graceful)).toBe("pending");
    expect(bus.state).toBe("run");
    ready.open();
    expect(await outcome(platform, graceful)).toBe(undefined);
  });

  test("is start once it has left idle, so that another one begins anew", async () => {
    const { bus, platform, settle, path } = testBus();
    await settle(bus.start());
    bus.subscribe("start", work, { once: true });
    const first = bus.graceful();
    await platform.flush();
    await settle(Promise.all([first, bus.graceful()]));
    expect(path()).toBe("enter idle start run drain stop idle start drain stop idle start run");
  });

  test("that fails to start again ends the bus", async () => {
    const { bus, settle } = testBus();
    await settle(bus.start());
    bus.subscribe("start", fail("broken"));
    await expect(settle(bus.graceful())).rejects.toMatchObject({ failures: [{ channel: "start" }] });
    expect(bus.state).toBe("exited");
  });
});

describe("after a failure", () => {
  test("start asked on the way back to idle waits for its turn", async () => {
    const { bus, settle, platform, path } = testBus({ onStartFailure: "idle" });
    bus.subscribe("start", fail("broken"), { once: true });
    bus.subscribe("stop", (phase) => phase.delay(10), { once: true });
    bus.start();
    await platform.flush();
    await settle(bus.start());
    expect(path()).toBe("enter idle start start_error drain stop idle start run");
  });

  test("start asked on the way to the end rejects, and exit is served with the failures", async () => {
    const { bus, settle, platform } = testBus();
    bus.subscribe("start", fail("broken"), { once: true });
    bus.subscribe("stop", (phase) => phase.delay(10), { once: true });
    bus.start();
    await platform.flush();
    await expect(bus.start()).rejects.toMatchObject(unreachable);
    await expect(settle(bus.exit())).rejects.toMatchObject({ failures: [{ channel: "start" }] });
  });

  test("graceful rejects with those of its drain, though the bus runs again", async () => {
    const { bus, settle } = testBus();
    await settle(bus.start());
    bus.subscribe("drain", fail("broken"), { once: true });
    await expect(settle(bus.graceful())).rejects.toMatchObject({ failures: [{ channel: "drain" }] });
    expect([bus.state, bus.settled]).toEqual(["run", true]);
  });

  test("the next transition tells of its own failures alone", async () => {
    const { bus, settle } = testBus();
    bus.subscribe("drain", fail("broken"), { once: true });
    await settle(bus.start());
    await settle(bus.stop()).catch(() => {});
    await settle(bus.start());
    await settle(bus.stop());
    expect(bus.state).toBe("idle");
  });
});
