import { describe, expect, test } from "vitest";
import type { Phase, TimedState } from "../../mod.ts";
import { hang, live, outcome, stay, testBus, work } from "./_test_bus.ts";

describe("extend", () => {
  /** Lives a life in which a listener of `state` asks for more time at once, and hangs. */
  async function extended(asked: readonly number[], options: { state?: TimedState; atMost?: number } = {}) {
    const { state = "stop", atMost } = options;
    const life = testBus({
      deadlines: { [state]: 1000 },
      ...atMost !== undefined && { atMost: { [state]: atMost } },
    });
    const granted: number[] = [];
    life.bus.subscribe(state, (phase) => {
      for (const ms of asked) granted.push(phase.extend(ms));
      return hang();
    });
    await live(life);
    return { granted, stay: stay(life, state) };
  }

  test("moves the end, and says by how much", async () => {
    expect(await extended([300])).toEqual({ granted: [300], stay: 1300 });
  });

  test("grants at most twice the deadline in all", async () => {
    expect(await extended([700, 700, 700])).toEqual({ granted: [700, 300, 0], stay: 2000 });
  });

  test("grants at most what atMost says", async () => {
    expect(await extended([7000], { atMost: 5000 })).toEqual({ granted: [4000], stay: 5000 });
    expect(await extended([7000], { state: "start", atMost: 1000 })).toEqual({ granted: [0], stay: 1000 });
  });

  test("never shortens a deadline, though atMost is less", async () => {
    expect(await extended([10], { atMost: 5 })).toEqual({ granted: [0], stay: 1000 });
  });

  test("is for all listeners of the phase", async () => {
    const life = testBus({ deadlines: { stop: 1000 } });
    const lefts: number[] = [];
    life.bus.subscribe("stop", (phase) => void phase.extend(500));
    life.bus.subscribe("stop", (phase) => {
      lefts.push(phase.left());
      return hang();
    });
    await live(life);
    expect([lefts, stay(life, "stop")]).toEqual([[1500], 1500]);
  });

  test("puts the abort of the signal off, too", async () => {
    const { bus, settle, platform } = testBus({ deadlines: { stop: 1000 } });
    bus.subscribe("stop", (phase) => {
      phase.extend(1000);
      return work(phase);
    });
    await settle(bus.start());
    await settle(bus.exit()).catch(() => {});
    expect(platform.clock.now()).toBe(1800);
  });

  test("grants nothing when the phase is over", async () => {
    const life = testBus({ deadlines: { stop: 100 } });
    let late: Phase | undefined;
    life.bus.subscribe("stop", (phase) => {
      late = phase;
      return hang();
    });
    await live(life);
    expect([late?.extend(50), late?.left()]).toEqual([0, 0]);
  });

  test.each([NaN, -1, Infinity, "1s"])("refuses %o", async (ms) => {
    const { bus, settle } = testBus();
    bus.subscribe("start", (phase) => void phase.extend(ms as never));
    await expect(settle(bus.start())).rejects.toThrow('Cannot extend "start"');
  });
});

describe("delay", () => {
  test("waits by the clock of the bus", async () => {
    const { bus, platform, settle } = testBus();
    bus.subscribe("start", (phase) => phase.delay(400));
    await settle(bus.start());
    expect(platform.clock.now()).toBe(400);
  });

  test("ends with the phase's signal, and leaves no timer", async () => {
    const { bus, platform, settle } = testBus();
    let delayed: Promise<void> | undefined;
    bus.subscribe("start", (phase) => delayed = phase.delay(20_000));
    bus.start();
    await platform.flush();
    await settle(bus.exit());
    await expect(delayed).rejects.toMatchObject({ name: "AbortError" });
    expect(platform.clock.pending).toBe(0);
  });

  test("rejects at once where the signal has aborted", async () => {
    const { bus, settle, platform } = testBus({ deadlines: { stop: 0 } });
    let delayed: Promise<void> | undefined;
    bus.subscribe("stop", (phase) => void (delayed = phase.delay(10)).catch(() => {}));
    await settle(bus.start());
    await settle(bus.exit());
    expect(await outcome(platform, delayed!)).toMatchObject({ name: "TimeoutError" });
  });

  test.each([NaN, -1, Infinity])("refuses %o", async (ms) => {
    const { bus, settle } = testBus();
    bus.subscribe("start", (phase) => phase.delay(ms));
    await expect(settle(bus.start())).rejects.toThrow('Cannot delay in "start"');
  });
});

describe("log", () => {
  test("is the log of the bus", async () => {
    const { bus, settle, records } = testBus();
    bus.use({ name: "db", start: ({ log }) => log("connected", { level: "warn", to: "db" }) });
    await settle(bus.start());
    const found = records.find(({ message }) => message === "connected");
    expect(found).toMatchObject({ level: "warn", bus: "bus", state: "start", to: "db" });
  });
});
