import { describe, expect, test } from "vitest";
import { guest } from "../../mod.ts";
import { hang, stay, type TestBus, testBus } from "./_test_bus.ts";

/** The sum of the default deadlines of drain, stop and exit, and that of settle: 10 + 10 + 5 + 5 seconds. */
const BOUND_MS = 30_000;

/** What may be under way when the exit is asked for, and hang for ever. What is returned begins it in a bus that runs. */
const UNDER_WAY: Readonly<Record<string, (life: TestBus) => () => void>> = {
  "a reload that prepares": ({ bus }) => {
    bus.subscribe("reload", hang);
    return () => void bus.reload();
  },
  "a reload that heeds no signal": ({ bus }) => {
    for (let count = 0; count < 3; count++) bus.subscribe("reload", hang);
    return () => void bus.reload();
  },
  "a commit": ({ bus }) => {
    bus.subscribe("reload", () => ({ commit: hang }));
    return () => void bus.reload();
  },
  "five commits": ({ bus }) => {
    for (let count = 0; count < 5; count++) bus.subscribe("reload", () => ({ commit: hang }));
    return () => void bus.reload();
  },
  "a rollback": ({ bus }) => {
    bus.subscribe("reload", () => ({ commit() {}, rollback: hang }));
    bus.subscribe("reload", () => Promise.reject(new Error("veto")));
    return () => void bus.reload();
  },
  "a rollback of what the exit overtakes": ({ bus }) => {
    bus.subscribe("reload", () => ({ commit() {}, rollback: hang }));
    bus.subscribe("reload", hang);
    return () => void bus.reload();
  },
  "a removal that drains": ({ bus }) => {
    const handle = bus.use({ name: "a", drain: hang });
    return () => void handle.remove();
  },
  "a removal that stops": ({ bus }) => {
    const handle = bus.use({ name: "a", stop: hang });
    return () => void handle.remove();
  },
  "five removals": ({ bus }) => {
    const handles = [1, 2, 3, 4, 5].map((n) => bus.use({ name: `c${n}`, drain: hang, stop: hang }));
    return () => void handles.map((handle) => handle.remove());
  },
  "a late join": ({ bus }) => () => void bus.use({ name: "a", start: hang }),
  "five late joins": ({ bus }) => () => {
    for (let count = 0; count < 5; count++) void bus.use({ name: `c${count}`, start: hang });
  },
  "a late join that ignores its abort, and a removal": ({ bus }) => {
    const handle = bus.use({ name: "b", stop: hang });
    return () => {
      void bus.use({ name: "a", start: hang });
      void handle.remove();
    };
  },
  "a guest that closes": ({ bus }) => {
    const shop = guest(bus, "shop");
    shop.use({ name: "db", drain: hang, stop: hang });
    return () => void shop.close().catch(() => {});
  },
  "a hung start of a guest": ({ bus }) => {
    guest(bus, "shop").use({ name: "db", start: hang });
    guest(bus, "shop").subscribe("run", hang);
    return () => {};
  },
  "the work of a component": ({ bus }) => {
    bus.use({ name: "a", run: hang });
    return () => {};
  },
  "a promise that is held": ({ bus }) => () => void bus.hold(hang()),
};

/** Every state on the way to the end takes as long as it may. */
function slowEnd({ bus }: TestBus): void {
  for (const state of ["drain", "stop", "exit"] as const) bus.subscribe(state, hang);
}

describe("once exit was asked for, the bus is at its end within drain, stop, exit and settle", () => {
  describe.each(Object.entries(UNDER_WAY))("whatever hangs: %s", (_, arrange) => {
    test.each([0, 1, 4_000, 20_000])("asked for %i ms later", async (ms) => {
      const life = testBus();
      const { bus, platform, settle } = life;
      const begin = arrange(life);
      slowEnd(life);
      await settle(bus.start());
      begin();
      await platform.clock.advance(ms);
      const asked = platform.clock.now();
      void bus.exit();
      await settle(bus.wait("exited"));
      expect(platform.clock.now() - asked).toBeLessThanOrEqual(BOUND_MS);
    });
  });

  test.each(["enter", "idle", "start", "run", "drain", "stop", "exit", "exited"] as const)(
    "whatever state hangs then: %s",
    async (state) => {
      const life = testBus();
      const { bus, platform, settle } = life;
      slowEnd(life);
      bus.subscribe(state, hang);
      let asked: number | undefined;
      const ask = () => {
        asked ??= platform.clock.now();
        void bus.exit();
      };
      bus.subscribe(state, ask, { priority: 1 });
      void bus.start();
      if (["drain", "stop", "exit", "exited"].includes(state)) {
        await platform.clock.advance(0);
        void bus.stop();
        await platform.clock.advance(30_000);
        ask();
      }
      await settle(bus.wait("exited"));
      expect(platform.clock.now() - asked!).toBeLessThanOrEqual(BOUND_MS);
    },
  );

  test("counts the settle of all other states together", async () => {
    const life = testBus();
    const { bus, platform, settle } = life;
    slowEnd(life);
    for (const state of ["run", "start_error", "idle", "stop_error", "exit_error", "exited"] as const) {
      bus.subscribe(state, hang);
    }
    bus.subscribe("stop", () => Promise.reject(new Error("stop")));
    bus.subscribe("exit", () => Promise.reject(new Error("exit")));
    void bus.start();
    await platform.clock.advance(10);
    const asked = platform.clock.now();
    void bus.exit();
    await settle(bus.wait("exited"));
    expect(platform.clock.now() - asked).toBeLessThanOrEqual(BOUND_MS);
  });

  test("leaves drain, stop and exit their own deadlines all the same", async () => {
    const life = testBus({ deadlines: { drain: 3_000, stop: 2_000, exit: 1_000, settle: 500 } });
    const { bus, settle, platform } = life;
    slowEnd(life);
    bus.subscribe("reload", () => ({ commit: hang }));
    await settle(bus.start());
    void bus.reload();
    await platform.flush();
    void bus.exit();
    await settle(bus.wait("exited"));
    expect((["drain", "stop", "exit"] as const).map((state) => stay(life, state))).toEqual([
      3_000,
      2_000,
      1_000,
    ]);
  });

  test("holds for a restart as well", async () => {
    const life = testBus({ host: { respawn: true } });
    const { bus, platform, settle } = life;
    slowEnd(life);
    bus.subscribe("reload", () => ({ commit: hang }));
    await settle(bus.start());
    void bus.reload();
    await platform.flush();
    const asked = platform.clock.now();
    void bus.restart();
    await settle(bus.wait("exited"));
    expect(platform.clock.now() - asked).toBeLessThanOrEqual(BOUND_MS);
  });
});

describe("an exit that was not asked for", () => {
  test("follows a failed start, within the same bound from the failure on", async () => {
    const life = testBus();
    const { bus, platform, settle } = life;
    slowEnd(life);
    for (const state of ["start_error", "idle", "exited"] as const) bus.subscribe(state, hang);
    bus.subscribe("start", () => Promise.reject(new Error("start")));
    const before = platform.clock.now();
    void bus.start();
    await settle(bus.wait("exited"));
    expect(platform.clock.now() - before).toBeLessThanOrEqual(BOUND_MS);
  });
});

describe("an exit that was asked for while nothing is under way", () => {
  test("leaves the listeners of exited their time, however long the drain took", async () => {
    const { bus, settle } = testBus();
    bus.subscribe("drain", ({ delay }) => delay(8_000));
    let left = 0;
    bus.subscribe("exited", (phase) => void (left = phase.left()));
    await settle(bus.start());
    await settle(bus.exit());
    expect(left).toBeGreaterThan(4_000);
  });
});
