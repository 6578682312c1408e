import { describe, expect, test } from "vitest";
import type { State } from "../../mod.ts";
import { countedSignal, fail, gate, hang, outcome, testBus } from "./_test_bus.ts";

describe("wait resolves", () => {
  test("at once where the bus rests in the state", async () => {
    const { bus, settle, platform } = testBus();
    expect(await outcome(platform, bus.wait("initial"))).toBe("initial");
    await settle(bus.start());
    expect(await outcome(platform, bus.wait("run"))).toBe("run");
  });

  test("when the listeners of the state are done, not when it is entered", async () => {
    const { bus, platform } = testBus();
    const ready = gate();
    bus.subscribe("run", () => ready.promise);
    const running = bus.wait("run");
    bus.start();
    expect(await outcome(platform, running)).toBe("pending");
    expect(bus.state).toBe("run");
    ready.open();
    expect(await outcome(platform, running)).toBe("run");
  });

  test("for a state that is only passed through", async () => {
    const { bus, settle } = testBus();
    const [entered, idle] = [bus.wait("enter"), bus.wait("idle")];
    await settle(bus.start());
    expect([await entered, await idle]).toEqual(["enter", "idle"]);
  });

  test("to the first of several states", async () => {
    const { bus, settle, platform } = testBus();
    const first = bus.wait(["run", "start", "idle"]);
    await settle(bus.start());
    expect(await first).toBe("idle");
    expect(await outcome(platform, bus.wait(["stop", "run"]))).toBe("run");
  });

  test("at the next pass, where the state was passed before", async () => {
    const { bus, settle, platform } = testBus();
    await settle(bus.start());
    const idle = bus.wait("idle");
    expect(await outcome(platform, idle)).toBe("pending");
    await settle(bus.graceful());
    expect(await idle).toBe("idle");
  });

  test.each(["drain", "start_error", "exited"] as const)(
    "for %s though it is part of a failure",
    async (state) => {
      const { bus, settle } = testBus();
      bus.subscribe("start", fail("broken"));
      bus.subscribe(state, fail("broken too"));
      const passed = bus.wait(state);
      bus.start();
      expect(await settle(passed)).toBe(state);
    },
  );
});

describe("a pass does not count", () => {
  test.each(["start", "run"] as const)("where %s leads to an error state", async (state) => {
    const { bus, settle, platform } = testBus({ onStartFailure: "idle" });
    bus.subscribe(state, fail("broken"), { once: true });
    const passed = bus.wait(state);
    await settle(bus.start()).catch(() => {});
    expect(await outcome(platform, passed)).toBe("pending");
    await settle(bus.start());
    expect(await passed).toBe(state);
  });

  test("where the start was given up", async () => {
    const { bus, settle, platform } = testBus();
    bus.subscribe("start", (phase) => phase.delay(1000), { once: true });
    bus.start();
    await platform.flush();
    const started = bus.wait("start");
    await settle(bus.stop());
    expect(await outcome(platform, started)).toBe("pending");
    await settle(bus.start());
    expect(await started).toBe("start");
  });
});

describe("wait rejects", () => {
  const gone = { name: "TransitionError", kind: "exited" };

  test("at once where the state cannot come any more", async () => {
    const { bus, settle } = testBus();
    await settle(bus.start());
    await expect(bus.wait("initial")).rejects.toMatchObject({ ...gone, state: "run", target: "initial" });
    await expect(bus.wait("enter")).rejects.toMatchObject(gone);
    await settle(bus.exit());
    await expect(bus.wait("run")).rejects.toMatchObject(gone);
  });

  test("as soon as an exit puts the state out of reach", async () => {
    const { bus, settle, platform } = testBus();
    bus.subscribe("drain", hang);
    await settle(bus.start());
    const started = bus.wait("start");
    bus.exit();
    expect(await outcome(platform, started)).toMatchObject(gone);
    expect(bus.state).toBe("drain");
  });

  test("as soon as it is asked, in a stop that is under way already", async () => {
    const { bus, settle, platform } = testBus();
    bus.subscribe("stop", hang);
    await settle(bus.start());
    bus.stop();
    await platform.flush();
    const started = bus.wait("start");
    expect(await outcome(platform, started)).toBe("pending");
    bus.exit();
    expect(await outcome(platform, started)).toMatchObject(gone);
    expect(bus.state).toBe("stop");
  });

  test("only when none of several states can come", async () => {
    const { bus, settle } = testBus();
    const passed = bus.wait(["run", "exited"]);
    await settle(bus.exit());
    expect(await passed).toBe("exited");
  });

  test("where a failure ends the bus before the state", async () => {
    const { bus, settle } = testBus();
    bus.subscribe("start", fail("broken"));
    const running = bus.wait("run");
    settle(bus.start()).catch(() => {});
    await expect(settle(running)).rejects.toMatchObject(gone);
  });

  test.each(["nonsense", "Run", "", "log"])("at once for %j, which is no state", async (state) => {
    await expect(testBus().bus.wait(state as State)).rejects.toMatchObject({
      name: "TransitionError",
      kind: "unknown",
    });
  });

  test.each([[["run", "nonsense"]], [undefined], [7], [[]]])("for %j", async (states) => {
    await expect(testBus().bus.wait(states as never)).rejects.toMatchObject({ name: "TransitionError" });
  });

  test("with the reason of its signal", async () => {
    const { bus } = testBus();
    const controller = new AbortController();
    const running = bus.wait("run", { signal: controller.signal });
    controller.abort("enough");
    await expect(running).rejects.toBe("enough");
    await expect(bus.wait("initial", { signal: controller.signal })).rejects.toBe("enough");
  });

  test("with a TimeoutError when its time is over", async () => {
    const { bus, platform, settle } = testBus();
    await expect(settle(bus.wait("run", { timeout: 300 }))).rejects.toMatchObject({
      name: "TimeoutError",
      message: 'Cannot wait for "run" any longer: 300 ms are over',
    });
    expect(platform.clock.now()).toBe(300);
  });

  test.each([-1, NaN, Infinity, 2 ** 31, "5s"])("no timeout of %o: it is refused at once", (timeout) => {
    expect(() => testBus().bus.wait("run", { timeout: timeout as never })).toThrow(RangeError);
  });

  test("no unknown option: it is refused at once", () => {
    expect(() => testBus().bus.wait("run", { tiemout: 5 } as never)).toThrow('unknown option "tiemout"');
  });
});

test("a wait that is over leaves no timer", async () => {
  const { bus, platform, settle } = testBus();
  const running = bus.wait("run", { timeout: 300 });
  await settle(bus.start());
  expect(await running).toBe("run");
  expect(platform.clock.pending).toBe(0);
});

test("a wait that is over listens to its signal no more", async () => {
  const { bus, settle } = testBus();
  const { signal, listeners } = countedSignal();
  const running = bus.wait("run", { signal });
  expect(listeners.size).toBe(1);
  await settle(bus.start());
  await running;
  expect(listeners.size).toBe(0);
});
