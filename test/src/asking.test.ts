import { describe, expect, test } from "vitest";
import type { Goal, Phase } from "../../mod.ts";
import { context, fail, hang, LIFE, testBus } from "./_test_bus.ts";

describe("asking between two states", () => {
  test.each(["enter", "idle", "start", "run"] as const)(
    "exit when %s has settled is heard",
    async (state) => {
      const life = testBus({
        host: {
          pulse: (now, settled) =>
            void (now === state && settled && !life.bus.inspect().goal?.match(/exit/) && life.bus.exit()),
        },
      });
      life.bus.start();
      await life.settle(life.bus.wait("exited"));
      expect(life.path()).toMatch(new RegExp(`${state}.* exited$`));
      expect(life.path().split(" ").includes("run")).toBe(state === "run");
    },
  );

  test.each(["enter", "idle", "start", "run"] as const)("stop when %s is entered is heard", async (state) => {
    const life = testBus({
      host: { pulse: (now, settled) => void (now === state && !settled && life.bus.stop()) },
    });
    life.bus.start();
    await life.platform.flush();
    expect([life.bus.state, life.bus.settled]).toEqual(["idle", true]);
  });
});

describe("asking from inside a phase", () => {
  test.each(["stop", "exit", "graceful"] as Goal[])(
    "phase.request(%j) asks and does not wait",
    async (goal) => {
      const { bus, platform, path } = testBus();
      bus.subscribe("run", (phase) => phase.request(goal), { once: true });
      bus.start();
      await platform.flush();
      expect(path()).toMatch(/^enter idle start run drain stop idle/);
      expect(bus.settled).toBe(true);
    },
  );

  test("gives its error on as the reason", async () => {
    const { bus, platform } = testBus();
    const error = new Error("lost the database");
    const reasons: unknown[] = [];
    bus.subscribe("run", (phase) => phase.request("exit", { error }));
    bus.subscribe("stop", ({ reason }) => void reasons.push(reason));
    bus.start();
    await platform.flush();
    expect(reasons).toMatchObject([{ by: "error", error }]);
  });

  test.each(["stop", "exit", "graceful", "restart"] as const)(
    "bus.%s() rejects at once where the platform knows who asks, and counts",
    async (goal) => {
      const { bus, settle, path } = testBus({ host: { context: context(), respawn: true } });
      let asked: Promise<void> | undefined;
      bus.subscribe("run", () => asked = bus[goal](), { once: true });
      await settle(bus.start()).catch(() => {});
      await expect(asked).rejects.toMatchObject({ name: "TransitionError", kind: "reentrant", state: "run" });
      await settle(bus.wait("idle")).catch(() => {});
      expect(path()).toMatch(/^enter idle start run start_error drain stop idle/);
    },
  );

  test("bus.exit() in exit is refused as well", async () => {
    const { bus, settle } = testBus({ host: { context: context() } });
    let asked: Promise<void> | undefined;
    bus.subscribe("exit", () => void (asked = bus.exit()));
    await settle(bus.exit());
    await expect(asked).rejects.toMatchObject({ kind: "reentrant", state: "exit" });
  });

  test("bus.stop() is an ordinary request elsewhere, and the deadline ends the wait for it", async () => {
    const { bus, platform, settle } = testBus();
    bus.subscribe("run", () => bus.stop(), { name: "waits" });
    bus.start();
    await settle(bus.wait("idle"));
    await settle(bus.wait("idle"));
    expect(platform.clock.now()).toBe(5000);
  });

  test("another bus, or no phase at all, is not inside", async () => {
    const shared = context();
    const [one, two] = [testBus({ host: { context: shared } }), testBus({ host: { context: shared } })];
    one.bus.subscribe("run", () => two.bus.start());
    await one.settle(one.bus.start());
    expect(two.bus.state).toBe("run");
    await one.settle(one.bus.stop());
  });
});

describe("asking from inside other work", () => {
  test.each(["start", "drain", "stop"] as const)("of a component's %s is inside, too", async (method) => {
    const { bus, settle } = testBus({ host: { context: context() } });
    let asked: Promise<void> | undefined;
    bus.use({ name: "db", [method]: () => void (asked = bus.exit()) });
    await settle(bus.start()).catch(() => {});
    await settle(bus.exit()).catch(() => {});
    await expect(asked).rejects.toMatchObject({ kind: "reentrant", state: method });
  });

  test("of a reload is inside, too, and counts", async () => {
    const { bus, settle } = testBus({ host: { context: context() } });
    await settle(bus.start());
    let asked: Promise<void> | undefined;
    bus.subscribe("reload", () => void (asked = bus.exit()));
    await expect(settle(bus.reload())).rejects.toMatchObject({ kind: "superseded" });
    await expect(asked).rejects.toMatchObject({ kind: "reentrant" });
    await settle(bus.wait("exited"));
  });

  test("of a late join is inside, too", async () => {
    const { bus, settle } = testBus({ host: { context: context() } });
    await settle(bus.start());
    let asked: Promise<void> | undefined;
    bus.use({ name: "db", start: () => void (asked = bus.stop()) });
    await settle(bus.wait("idle"));
    await expect(asked).rejects.toMatchObject({ kind: "reentrant" });
  });

  test("gives up the listener that asked as well, at once, also where it has a deadline of its own", async () => {
    const { bus, settle } = testBus();
    const aborted: boolean[] = [];
    bus.subscribe("start", (phase) => {
      phase.request("exit");
      aborted.push(phase.signal.aborted);
      phase.signal.throwIfAborted();
    }, { within: 1000 });
    bus.start();
    expect([await settle(bus.block()), aborted]).toEqual([0, [true]]);
  });

  test("of a phase that is over counts like any other", async () => {
    const { bus, settle } = testBus();
    let late: Phase | undefined;
    bus.subscribe("start", (phase) => void (late = phase));
    await settle(bus.start());
    late?.request("exit", { code: 3 });
    expect(await settle(bus.block())).toBe(3);
  });
});

describe("a platform that fails", () => {
  test("in pulse keeps the bus from nothing", async () => {
    const { bus, settle, path, logged } = testBus({ host: { pulse: fail("no such pipe") } });
    await settle(bus.start());
    await settle(bus.exit());
    expect(path()).toBe(LIFE);
    expect(logged(/pulse failed: no such pipe/)).toBeGreaterThan(0);
  });

  test("in leave is logged, and block() ends", async () => {
    const { bus, settle, logged } = testBus({ host: { leave: fail("no such pipe") } });
    bus.exit();
    expect(await settle(bus.block())).toBe(0);
    expect(logged(/"leave" on "exited" failed: no such pipe/)).toBe(1);
  });

  test("in attach by hanging is ended by the deadline of enter", async () => {
    const { bus, settle, platform } = testBus({ host: { attach: hang }, deadlines: { enter: 100 } });
    await expect(settle(bus.start())).rejects.toMatchObject({
      failures: [{ listener: "attach", kind: "timeout" }],
    });
    expect([platform.clock.now(), bus.state]).toEqual([100, "exited"]);
  });
});
