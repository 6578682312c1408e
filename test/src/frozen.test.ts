import { describe, expect, test } from "vitest";
import {
  type ChannelFailures,
  type Clock,
  type Control,
  inline,
  type Platform,
  ProcessBus,
  type ProcessBusOptions,
} from "../../mod.ts";
import { testing } from "../../platforms/testing.ts";
import { gate } from "./_test_bus.ts";

/** A bus in a process that can be frozen: its time jumps, and the timers that are due meanwhile fire late. */
function freezable(deadlines: NonNullable<ProcessBusOptions["deadlines"]>) {
  const { clock } = testing();
  let lost = 0;
  let control: Control | undefined;
  const own: Clock = {
    time: () => clock.time() + lost,
    now: () => clock.now() + lost,
    setTimer: (ms, fire) => clock.setTimer(ms, fire),
  };
  const platform: Platform = {
    ...inline({ clock: own }),
    attach: (given) => void (control = given),
    report() {},
  };
  return {
    bus: new ProcessBus({ platform, deadlines }),
    clock,
    freeze: (ms: number) => void (lost += ms),
    notice: (leftMs: number) => control!.request("exit", { by: "host", leftMs }),
  };
}

/** How long a drain that hangs is waited for while the process runs: it is frozen a second after the drain has begun. */
async function waited(freezeMs: number, noticeMs?: number): Promise<number> {
  const { bus, clock, freeze, notice } = freezable({ drain: 10_000, settle: 5_000 });
  bus.subscribe("drain", () => new Promise(() => {}));
  void bus.start();
  await clock.flush();
  const began = clock.now();
  let ended: number | undefined;
  void bus.wait("stop").then(() => ended = clock.now());
  if (noticeMs === undefined) void bus.exit();
  else notice(noticeMs);
  await clock.advance(1_000);
  freeze(freezeMs);
  await clock.advance(120_000);
  return ended! - began;
}

describe("time during which the process was frozen", () => {
  test("moves the end of the phase by as much", async () => {
    // Frozen for 3 s a second after the beginning of 10 s: the timer fires after 9.75 s and shows 3 s of it.
    expect(await waited(3_000)).toBe(10_000);
  });

  test("is not seen below a second, since a busy thread is no frozen process", async () => {
    expect(await waited(900)).toBe(9_750);
  });

  test("moves the end by no more than settle", async () => {
    const ms = await waited(60_000);
    expect(ms).toBeGreaterThanOrEqual(9_750);
    expect(ms).toBeLessThanOrEqual(15_000);
  });

  test("moves no end past a notice", async () => {
    // Of a notice of 8 s, drain has what exit and stop leave of it: it would end at 3.2 s.
    const ms = await waited(3_000, 8_000);
    expect(ms).toBe(2_950);
  });

  test("gives a listener that was about to finish the time to do so", async () => {
    const { bus, clock, freeze } = freezable({ stop: 1_000 });
    void bus.start();
    await clock.flush();
    bus.subscribe("stop", () =>
      new Promise<void>((resolve) => {
        clock.setTimer(500, resolve);
      }));
    void bus.exit();
    await clock.advance(100);
    // Both the end and the work are due meanwhile; the listener's own timer fires first.
    freeze(3_000);
    await clock.advance(60_000);
    expect(await bus.block()).toBe(0);
  });

  test("is given back for as long as settle in all, however often the process was frozen", async () => {
    const { bus, clock, freeze } = freezable({ stop: 10_000, settle: 2_000 });
    // The time of one component shows the first freeze, the end of the phase the second.
    bus.use({ name: "a", stopWithin: 1_000, stop: () => new Promise(() => {}) });
    bus.use({ name: "b", stop: () => new Promise(() => {}) });
    void bus.start();
    await clock.flush();
    let ended = 0;
    void bus.wait("exit").then(() => ended = clock.now());
    void bus.exit();
    await clock.advance(500);
    freeze(1_500);
    await clock.advance(8_500);
    freeze(1_500);
    await clock.advance(60_000);
    // Half a second was left to give back: the end, which is a quarter of a second after the timer, has passed.
    expect(ended).toBe(9_750);
  });

  test("that is too short to be seen leaves a listener that heeds its signal a turn to settle", async () => {
    const { bus, clock, freeze } = freezable({ stop: 100 });
    bus.subscribe("stop", (phase) =>
      new Promise<void>((resolve) => {
        phase.signal.addEventListener("abort", async () => {
          for (let turn = 0; turn < 10; turn++) await undefined;
          resolve();
        });
      }));
    void bus.start();
    await clock.flush();
    const stopped = bus.stop();
    await clock.advance(50);
    freeze(500);
    await clock.advance(1_000);
    expect(await stopped).toBe(undefined);
  });
});

test("a listener's own time goes on as usual in a publish during which the process was frozen", async () => {
  const { bus, clock, freeze } = freezable({});
  const own = bus as unknown as ProcessBus<{ own: [] }>;
  for (const name of ["a", "b"]) own.subscribe("own", () => new Promise(() => {}), { name, within: 100 });
  const published = own.publish("own").catch((error: unknown) => error) as Promise<ChannelFailures>;
  await clock.advance(10);
  freeze(3_000);
  await clock.advance(1_000);
  const { failures } = await published;
  expect(failures.map(({ listener, kind, ms }) => [listener, kind, Math.round(ms)])).toEqual([
    ["a", "timeout", 3_090],
    ["b", "timeout", 100],
  ]);
});

/** A clock that fails once when it is told to. */
function faultyClock() {
  const { clock } = testing();
  let fails = false;
  const faulty: Clock = {
    time: () => clock.time(),
    now: () => {
      if (fails) {
        fails = false;
        throw new Error("no time");
      }
      return clock.now();
    },
    setTimer: (ms, fire) => clock.setTimer(ms, fire),
  };
  return { clock, faulty, failOnce: () => fails = true };
}

test("a component that comes up after a fault of the bus itself is stopped", async () => {
  const { clock, faulty, failOnce } = faultyClock();
  const bus = new ProcessBus({ platform: inline({ clock: faulty }) });
  bus.subscribe("log", () => {});
  const did: string[] = [];
  const [slow, broken, drained] = [gate<string>(), gate(), gate()];
  const { ready } = bus.use({
    name: "slow",
    start: () => slow.promise,
    stop: (value) => void did.push(`stop the ${value}`),
  });
  bus.use({ name: "broken", start: () => broken.promise });
  bus.subscribe("drain", () => drained.promise);
  const code = bus.run();
  await clock.flush();
  failOnce();
  broken.fail(new Error("broken"));
  await clock.flush();
  await expect(ready).rejects.toThrow("no time");
  expect(bus.state).toBe("drain");
  slow.open("connection");
  await clock.flush();
  expect(did).toEqual(["stop the connection"]);
  drained.open();
  await clock.flush();
  expect(await code).toBe(70);
});

test("a clock that fails in a timer ends the phase that it times, and the bus", async () => {
  const { clock, faulty, failOnce } = faultyClock();
  const bus = new ProcessBus({ platform: inline({ clock: faulty }), deadlines: { stop: 100 } });
  bus.subscribe("log", () => {});
  bus.subscribe("stop", () => new Promise(() => {}));
  const code = bus.run();
  await clock.flush();
  void bus.exit();
  await clock.flush();
  expect(bus.state).toBe("stop");
  failOnce();
  await clock.advance(1_000);
  expect(bus.state).toBe("exited");
  expect(await code).toBe(70);
});
