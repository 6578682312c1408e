import { describe, expect, test } from "vitest";
import { type Phase, retry, type RetryOptions } from "../../mod.ts";
import { fail, hang, type TestBus, testBus, work } from "./_test_bus.ts";

/** A bus with one component whose start fails the first `failures` times; `at` are the instants of its tries. */
function flaky(failures: number, options: RetryOptions, life: TestBus = testBus()) {
  const at: number[] = [];
  const start = retry(() => {
    at.push(life.platform.clock.now());
    if (at.length <= failures) throw new Error(`failure ${at.length}`);
    return `try ${at.length}`;
  }, options);
  const handle = life.bus.use({ name: "db", start });
  return { ...life, at, handle };
}

describe("retry", () => {
  test("tries again until the start succeeds, and passes its value on", async () => {
    const { bus, settle, handle, at } = flaky(2, { within: 10_000 });
    await settle(bus.start());
    expect([handle.value, at.length]).toEqual(["try 3", 3]);
  });

  test("tries at once, then after a pause that doubles", async () => {
    const { bus, settle, at } = flaky(4, { within: 10_000 });
    await settle(bus.start());
    expect(at).toEqual([0, 100, 300, 700, 1500]);
  });

  test("makes no pause longer than maxDelay", async () => {
    const { bus, settle, at } = flaky(5, { within: 10_000, delay: 10, maxDelay: 30 });
    await settle(bus.start());
    expect(at).toEqual([0, 10, 30, 60, 90, 120]);
  });

  test("makes no first pause longer than it either", async () => {
    const { bus, settle, at } = flaky(1, { within: 10_000, delay: 500, maxDelay: 30 });
    await settle(bus.start());
    expect(at).toEqual([0, 30]);
  });

  test("ends when its time is over, with the last error", async () => {
    const { bus, settle, at, platform } = flaky(99, { within: 500 });
    await expect(settle(bus.start())).rejects.toThrow("failure 3");
    expect([at, platform.clock.now()]).toEqual([[0, 100, 300], 300]);
  });

  test("counts the time of the tries", async () => {
    const { bus, settle, platform } = testBus();
    const tries: number[] = [];
    const start = retry((phase) => {
      tries.push(platform.clock.now());
      return phase.delay(400).then(fail("slow failure"));
    }, { within: 1000, delay: 100 });
    bus.use({ name: "db", start });
    await expect(settle(bus.start())).rejects.toThrow("slow failure");
    expect(tries).toEqual([0, 500]);
  });

  test("does not try again what retryable() says is for good", async () => {
    const { bus, settle, at } = flaky(99, {
      within: 10_000,
      retryable: (error) => (error as Error).message !== "failure 2",
    });
    await expect(settle(bus.start())).rejects.toThrow("failure 2");
    expect(at.length).toBe(2);
  });

  test("ends before the phase does, with the last error and not with a timeout", async () => {
    const { bus, settle } = flaky(99, { within: 60_000 }, testBus({ deadlines: { start: 1000 } }));
    await expect(settle(bus.start())).rejects.toMatchObject({
      failures: [{ listener: "db", kind: "throw", error: { message: "failure 4" } }],
    });
  });

  test("is given up with its phase, in a pause", async () => {
    const { bus, settle, platform, at } = flaky(99, { within: 10_000, delay: 5000 });
    bus.start();
    await platform.flush();
    await settle(bus.exit());
    expect([at.length, platform.clock.now(), platform.clock.pending]).toEqual([1, 0, 0]);
  });

  test("does not try again what was given up with its phase", async () => {
    const { bus, settle, platform, did, note } = testBus();
    bus.use({ name: "db", start: retry(note("start", work), { within: 10_000 }) });
    bus.start();
    await platform.flush();
    await settle(bus.exit());
    expect(did).toEqual(["start"]);
  });

  test("leaves a try that hangs to the deadline", async () => {
    const { bus, settle, platform } = testBus();
    bus.use({ name: "db", start: retry(hang, { within: 10_000 }), startWithin: 500 });
    await expect(settle(bus.start())).rejects.toMatchObject({ failures: [{ kind: "timeout" }] });
    expect(platform.clock.now()).toBe(500);
  });

  test("hands the phase to the start, and begins anew with each start", async () => {
    const { bus, settle } = testBus({ onStartFailure: "idle" });
    const states: string[] = [];
    const start = retry(({ state }: Phase) => {
      states.push(state);
      if (states.length < 3) throw new Error("not yet");
    }, { within: 150 });
    bus.use({ name: "db", start });
    await expect(settle(bus.start())).rejects.toThrow("not yet");
    await settle(bus.start());
    expect(states).toEqual(["start", "start", "start"]);
  });
});

describe("bad input", () => {
  test.each([
    [undefined, { within: 1 }, TypeError, 'Cannot retry: "start" is undefined, expected a function'],
    [() => {}, {}, RangeError, 'Cannot retry: "within" is undefined'],
    [() => {}, { within: NaN }, RangeError, 'Cannot retry: "within" is NaN'],
    [() => {}, { within: 1, delay: -1 }, RangeError, 'Cannot retry: "delay" is -1'],
    [() => {}, { within: 1, maxDelay: Infinity }, RangeError, 'Cannot retry: "maxDelay" is Infinity'],
    [
      () => {},
      { within: 1, retryable: true },
      TypeError,
      'Cannot retry: "retryable" is true, expected a function',
    ],
    [() => {}, { within: 1, tries: 3 }, TypeError, 'Cannot retry: unknown option "tries"'],
  ])("%o with %j is refused at once", (start, options, type, message) => {
    expect(() => retry(start as never, options as never)).toThrow(type);
    expect(() => retry(start as never, options as never)).toThrow(message);
  });
});
