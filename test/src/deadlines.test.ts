import { describe, expect, test } from "vitest";
import { type ChannelFailures, type Phase, ProcessBus } from "../../mod.ts";
import { testing } from "../../platforms/testing.ts";
import { fail, gate, hang, live, stay, testBus, work } from "./_test_bus.ts";

describe("the deadline", () => {
  test.each(
    [
      ["enter", 30_000],
      ["idle", 5_000],
      ["start", 30_000],
      ["run", 5_000],
      ["drain", 10_000],
      ["stop", 10_000],
      ["exit", 5_000],
      ["exited", 5_000],
    ] as const,
  )("of %s is %d ms, unless told otherwise", async (state, ms) => {
    const life = testBus();
    life.bus.subscribe(state, hang, { name: "hung", once: true });
    await live(life);
    expect(stay(life, state)).toBe(ms);
    expect([life.bus.state, life.bus.settled]).toEqual(["exited", true]);
  });

  test.each(["start_error", "stop_error", "exit_error"] as const)(
    "of %s is that of settle",
    async (state) => {
      const life = testBus({ deadlines: { settle: 70 } });
      life.bus.subscribe(state.replace("_error", "") as "start", fail("broken"));
      life.bus.subscribe(state, hang);
      await live(life);
      expect(stay(life, state)).toBe(70);
    },
  );

  test.each(["enter", "start", "drain", "stop", "exit"] as const)("of %s may be set", async (state) => {
    const life = testBus({ deadlines: { [state]: 40 } });
    life.bus.subscribe(state, hang);
    await live(life);
    expect(stay(life, state)).toBe(40);
  });

  test("is the platform's, where the application sets none", async () => {
    const life = testBus({
      host: { defaults: { deadlines: { drain: 30, stop: 20 } } },
      deadlines: { stop: 60 },
    });
    life.bus.subscribe("drain", hang);
    life.bus.subscribe("stop", hang);
    await live(life);
    expect([stay(life, "drain"), stay(life, "stop")]).toEqual([30, 60]);
  });

  test("is one for all listeners of the phase, whose others are still called, and not awaited", async () => {
    const life = testBus({ deadlines: { stop: 100 } });
    const { bus, did, note } = life;
    bus.subscribe("stop", note("first", hang));
    bus.subscribe("stop", note("second", hang));
    bus.subscribe(
      "stop",
      ({ signal, left }) => void did.push(`third, aborted: ${signal.aborted}, left: ${left()}`),
    );
    await live(life);
    expect(did).toEqual(["first", "second", "third, aborted: true, left: 0"]);
    expect(stay(life, "stop")).toBe(100);
  });

  test("of 0 ms still calls every listener", async () => {
    const life = testBus({ deadlines: { stop: 0 } });
    life.bus.subscribe("stop", life.note("first", hang));
    life.bus.subscribe("stop", life.note("second"));
    await live(life);
    expect(life.did).toEqual(["first", "second"]);
  });

  test("needs no timer where nothing is waited for, and one where much is", async () => {
    const { bus, platform, settle } = testBus();
    bus.subscribe("start", () => {});
    bus.start();
    expect(platform.clock.pending).toBe(0);
    await platform.flush();
    for (const within of [100, 200, 300]) bus.subscribe("stop", () => hang(), { within });
    for (const name of ["a", "b", "c"]) {
      bus.use({
        name,
        start: () => {},
        stop: () => hang(),
        stopWithin: 50,
      });
    }
    await platform.flush();
    bus.exit();
    await platform.flush();
    expect([bus.state, platform.clock.pending]).toEqual(["stop", 1]);
    await settle(bus.wait("exited"));
    expect(platform.clock.pending).toBe(0);
  });
});

describe("the signal", () => {
  test.each([
    [30_000, 29_750],
    [2_500, 2_250],
    [100, 90],
  ])("of a phase of %d ms aborts after %d ms, so that there is time to cut and to settle", async (ms, at) => {
    const { bus, platform, settle } = testBus({ deadlines: { stop: ms } });
    const seen: number[] = [];
    bus.subscribe("stop", ({ signal }) =>
      new Promise<void>((resolve) => {
        signal.addEventListener("abort", () => {
          seen.push(platform.clock.now());
          resolve();
        });
      }));
    await settle(bus.start());
    await settle(bus.exit());
    expect(seen).toEqual([at]);
  });

  test("says by its reason that time was the cause", async () => {
    const life = testBus();
    let signal: Phase["signal"] | undefined;
    life.bus.subscribe("stop", (phase) => {
      ({ signal } = phase);
      return hang();
    });
    await live(life);
    expect(signal?.reason).toMatchObject({ name: "TimeoutError" });
  });

  test("makes a timeout of what rejects by it", async () => {
    const { bus, settle } = testBus({ deadlines: { stop: 100 } });
    bus.subscribe("stop", work, { name: "works" });
    await settle(bus.start());
    await expect(settle(bus.exit())).rejects.toMatchObject({
      failures: [{ listener: "works", kind: "timeout", ms: 90 }],
    });
  });
});

describe("a listener that is late", () => {
  test("is named in the error, in the log, in inspect() until it settles, and in the last line", async () => {
    const life = testBus();
    const { bus, platform, records, logged } = life;
    const slow = gate();
    bus.subscribe("start", () => slow.promise, { name: "slow" });
    await expect(life.settle(bus.start())).rejects.toMatchObject({
      failures: [{ channel: "start", listener: "slow", kind: "timeout", ms: 30_000 }],
    });
    expect(logged(/"slow" on "start" failed: "slow" on "start" still runs after 30000 ms/)).toBe(1);
    expect(bus.inspect().channels["start"]).toMatchObject([{ name: "slow", running: 30_000 }]);
    await platform.flush();
    expect(records.at(-1)).toMatchObject({
      level: "error",
      message: 'Exited with code 70 while "slow" on "start" still runs',
    });
    slow.open();
    await platform.flush();
    expect(bus.inspect().channels["start"]?.some(({ running }) => running !== undefined)).toBe(false);
    expect(records.at(-1)).toMatchObject({
      level: "warn",
      message: '"slow" on "start" settled late, after 30000 ms',
    });
  });

  test("is not waited for by the next phase, which knows that it still runs", async () => {
    const { bus, settle, did } = testBus({ deadlines: { drain: 10 } });
    bus.subscribe("drain", hang, { name: "slow" });
    bus.subscribe("stop", () => {
      const late = bus.inspect().channels["drain"]?.filter(({ running }) => running !== undefined);
      did.push(late?.map(({ name }) => name).join() ?? "");
    });
    await settle(bus.start());
    await settle(bus.exit()).catch(() => {});
    expect(did).toEqual(["slow"]);
  });

  test("logs the error with which it settles, and fails nothing more by it", async () => {
    const { bus, platform, settle, records } = testBus({ deadlines: { drain: 10 } });
    const slow = gate();
    bus.subscribe("drain", () => slow.promise, { name: "slow" });
    await settle(bus.start());
    const { failures } = await settle(bus.exit()).then(
      () => expect.fail("did not reject"),
      (error: ChannelFailures) => error,
    );
    slow.fail(new Error("broken after all"));
    await platform.flush();
    expect(failures.length).toBe(1);
    expect(records.at(-1)).toMatchObject({
      level: "warn",
      message: expect.stringMatching(/^"slow" on "drain" settled late, after 10 ms/),
      error: { message: "broken after all" },
    });
  });

  test("is told to the platform at the end, by name", async () => {
    const life = testBus();
    life.bus.subscribe("drain", hang, { name: "slow" });
    life.bus.use({ name: "db", stop: hang });
    await live(life);
    const [{ late } = {}] = life.platform.exits;
    expect(late?.length).toBe(2);
    expect(late?.join()).toMatch(/slow.*drain.*db.*stop/);
  });

  test("leaves the platform 100 ms before it may use force", async () => {
    const life = testBus();
    life.bus.subscribe("stop", hang);
    await live(life);
    expect(life.platform.exits).toMatchObject([{ code: 70, forced: false, leftMs: 100 }]);
  });
});

describe("within", () => {
  test("ends that one listener alone", async () => {
    const { bus, settle, platform, did } = testBus();
    bus.subscribe("stop", hang, { within: 300, name: "slow" });
    bus.subscribe(
      "stop",
      ({ signal, left }) => void did.push(`${platform.clock.now()} ${signal.aborted} ${left()}`),
    );
    await settle(bus.start());
    await expect(settle(bus.exit())).rejects.toMatchObject({
      failures: [{ listener: "slow", kind: "timeout", ms: 300 }],
    });
    expect(did).toEqual(["300 false 9700"]);
  });

  test("aborts its own signal shortly before", async () => {
    const { bus, settle, platform } = testBus();
    bus.subscribe("stop", work, { within: 300 });
    await settle(bus.start());
    await settle(bus.exit()).catch(() => {});
    expect(platform.clock.now()).toBe(270);
  });

  test("gives no time where the phase has none left", async () => {
    const life = testBus({ deadlines: { stop: 100 } });
    life.bus.subscribe("stop", hang);
    life.bus.subscribe("stop", life.note("second", hang), { within: 500 });
    await live(life);
    expect([life.did, stay(life, "stop"), life.bus.state]).toEqual([["second"], 100, "exited"]);
  });

  test("is no longer than the phase", async () => {
    const life = testBus({ deadlines: { stop: 100 } });
    const lefts: number[] = [];
    life.bus.subscribe("stop", ({ left }) => {
      lefts.push(left());
      return hang();
    }, { within: 5000 });
    await live(life);
    expect([stay(life, "stop"), lefts]).toEqual([100, [100]]);
  });
});

test("a listener with a time of its own that is called when the phase has none left has an aborted signal", async () => {
  const { bus, settle } = testBus({ deadlines: { stop: 100 } });
  const aborted: boolean[] = [];
  bus.subscribe("stop", hang);
  bus.subscribe("stop", (phase) => void aborted.push(phase.signal.aborted), { within: 50 });
  await settle(bus.start());
  await settle(bus.stop()).catch(() => {});
  expect(aborted).toEqual([true]);
});

describe("bad input", () => {
  test.each([
    [{ deadlines: { stop: -1 } }, RangeError],
    [{ deadlines: { stop: NaN } }, RangeError],
    [{ deadlines: { stop: 2 ** 31 } }, RangeError],
    [{ deadlines: { stop: "10s" } }, RangeError],
    [{ deadlines: { idle: 10 } }, TypeError],
    [{ atMost: { reload: 10 } }, TypeError],
    [{ atMost: { stop: Infinity } }, RangeError],
    [{ deadlines: 10 }, TypeError],
  ])("%o is refused", (options, type) => {
    expect(() => testBus(options as never)).toThrow(type);
  });
});

describe("a thread that was busy past the end", () => {
  test("leaves a listener that heeds its signal a turn to settle", async () => {
    const platform = testing();
    const { clock } = platform;
    // Its timers fire late, as they do behind a long synchronous block.
    const lagging = {
      ...clock,
      setTimer: (ms: number, fire: () => void) => clock.setTimer(ms === 0 ? 0 : ms + 60, fire),
    };
    const bus = new ProcessBus({ platform: { ...platform, clock: lagging }, deadlines: { stop: 100 } });
    bus.subscribe(
      "stop",
      ({ signal }) => new Promise((resolve) => signal.addEventListener("abort", () => resolve(0))),
    );
    await platform.settle(bus.start());
    await expect(platform.settle(bus.exit())).resolves.toBe(undefined);
  });
});
