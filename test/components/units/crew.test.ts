import { describe, expect, test } from "vitest";
import { play } from "./_crew.ts";

const HOUR_MS = 3_600_000;

describe("a crew that starts", () => {
  test("is up when all units are ready, and tells of each", async () => {
    const { start, told, crew, table } = play();
    await start(3);
    expect(crew.serving).toHaveLength(3);
    expect(told).toEqual(["start web/1", "start web/2", "start web/3"]);
    expect(table.list().map(({ name, state }) => [name, state])).toEqual([
      ["web/1", "run"],
      ["web/2", "run"],
      ["web/3", "run"],
    ]);
  });

  test("fails where one unit is never ready, and leaves none behind", async () => {
    const { crew, carrier, clock, table, told } = play({ readyWithin: 500 });
    carrier.behave({ readyMs: undefined });
    const started = crew.start(2, { signal: new AbortController().signal, left: () => 30_000 });
    started.catch(() => {});
    await clock.advance(499);
    expect(carrier.living).toHaveLength(2);
    await clock.advance(1);
    await expect(started).rejects.toThrow('The unit "web/1" was not ready within 500 ms');
    expect(carrier.living).toEqual([]);
    expect(table.list()).toEqual([]);
    expect(told).toEqual([]);
  });

  test("says how a unit ended that did before it was ready", async () => {
    const { crew, carrier, clock } = play();
    carrier.behave({ readyMs: undefined, fails: { ms: 5, end: { code: 3 } } });
    const started = crew.start(1, { signal: new AbortController().signal, left: () => 30_000 });
    started.catch(() => {});
    await clock.advance(5);
    await expect(started).rejects.toThrow('The unit "web/1" exited with 3 before it was ready');
  });

  test("starts no more units at a time than it may, so that each has its time", async () => {
    const { crew, carrier, clock } = play({ atOnce: 2 });
    const started = crew.start(5, { signal: new AbortController().signal, left: () => 30_000 });
    await clock.flush();
    expect(carrier.units).toHaveLength(2);
    await clock.advance(10);
    expect(carrier.units).toHaveLength(4);
    await clock.advance(20);
    await started;
    expect(crew.serving).toHaveLength(5);
  });

  test("asks what it has begun to exit when the start is given up, and kills what does not", async () => {
    const { crew, carrier, clock } = play();
    carrier.behave({ readyMs: undefined, exitMs: undefined });
    const controller = new AbortController();
    const started = crew.start(1, { signal: controller.signal, left: () => 1000 });
    started.catch(() => {});
    await clock.advance(100);
    controller.abort(new Error("given up"));
    await clock.advance(1);
    expect(carrier.units[0]?.heard).toEqual([{ sitebus: "exit", name: "site", leftMs: 800 }]);
    expect(carrier.living).toHaveLength(1);
    await clock.advance(800);
    await expect(started).rejects.toThrow("given up");
    expect(carrier.living).toEqual([]);
  });
});

describe("a unit that ends unasked", () => {
  test("is replaced at once, then after 100 ms, doubled, and its end is told at its end", async () => {
    const { start, carrier, clock, told, logs } = play({ maxRestarts: 100 });
    await start(1);
    const pauses: number[] = [];
    for (let time = 0; time < 5; time++) {
      const since = clock.now();
      const count = carrier.units.length;
      carrier.living[0]?.end({ code: 9 });
      await clock.flush();
      while (carrier.units.length === count) await clock.advance(1);
      pauses.push(clock.now() - since);
      await clock.advance(10);
    }
    expect(pauses).toEqual([0, 100, 200, 400, 800]);
    expect(told.slice(0, 3)).toEqual(["start web/1", "stop web/1 failed", "start web/1"]);
    expect(logs.filter(({ event }) => event === "unit failed")).toHaveLength(5);
  });

  test("makes the pool degraded where it does so too often: said once, tried on every 10 s, and healed by time", async () => {
    const { start, carrier, clock, logs, crew } = play({ maxRestarts: 3 });
    await start(1);
    carrier.behave({ readyMs: undefined, fails: { ms: 1, end: { code: 1 } } });
    carrier.living[0]?.end({ code: 1 });
    await clock.advance(2000);
    expect(crew.isDegraded).toBe(true);
    const count = carrier.units.length;
    await clock.advance(30_000);
    expect(carrier.units.length - count).toBe(3);
    expect(logs.filter(({ event }) => event === "pool degraded")).toHaveLength(1);
    carrier.behave();
    await clock.advance(10_010);
    expect(crew.serving).toHaveLength(1);
    expect(crew.isDegraded).toBe(true);
    await clock.advance(60_000);
    expect(crew.isDegraded).toBe(false);
  });

  test("fails upward where the pool is told to", async () => {
    const { start, carrier, clock, crew } = play({ maxRestarts: 0, onDegraded: "exit" });
    await start(1);
    carrier.living[0]?.end({ code: 1 });
    await clock.flush();
    await expect(crew.failed).rejects.toThrow(
      'Pool "web" is degraded: more than 0 of its units were replaced',
    );
  });

  test("leaves the others alone", async () => {
    const { start, carrier, clock, crew } = play();
    await start(3);
    const others = carrier.living.slice(1);
    carrier.living[0]?.end({ signal: "SIGKILL" });
    await clock.advance(10);
    expect(crew.serving).toHaveLength(3);
    expect(carrier.living.slice(0, 2)).toEqual(others);
  });
});

describe("a roll", () => {
  test("goes slot by slot: the new unit is ready before the old one is asked to exit", async () => {
    const { start, crew, clock, told, carrier } = play();
    await start(2);
    const rolled = crew.roll();
    await clock.flush();
    let most = 0;
    for (let ms = 0; ms < 60; ms++) {
      most = Math.max(most, carrier.living.length);
      expect(crew.serving.length).toBe(2);
      await clock.advance(1);
    }
    await rolled;
    expect(most).toBe(3);
    expect(told.slice(2)).toEqual(["start web/1", "stop web/1 asked", "start web/2", "stop web/2 asked"]);
    expect(crew.members.map(({ unit }) => unit.id)).toEqual([3, 4]);
  });

  test("ends where a new unit fails, and the old ones stay", async () => {
    const { start, crew, clock, carrier, logs } = play();
    await start(2);
    const old = carrier.living;
    carrier.behave({ readyMs: undefined, fails: { ms: 3, end: { code: 1 } } });
    const rolled = crew.roll();
    rolled.catch(() => {});
    await clock.advance(5);
    await expect(rolled).rejects.toThrow('The unit "web/1" exited with 1 before it was ready');
    expect(carrier.living).toEqual(old);
    expect(crew.serving).toHaveLength(2);
    expect(crew.history.rollError).toBeInstanceOf(Error);
    expect(logs.at(-1)?.event).toBe("pool roll failed");
    carrier.behave();
    const again = crew.roll();
    await clock.advance(100);
    await again;
    expect(crew.history.rollError).toBe(undefined);
  });

  test("ends where a new unit crashes before it is steady", async () => {
    const { start, crew, clock, carrier } = play({ steadyMs: 1000 });
    await start(1);
    const [old] = carrier.living;
    carrier.behave({ fails: { ms: 500, end: { code: 9 } } });
    const rolled = crew.roll();
    rolled.catch(() => {});
    await clock.advance(600);
    await expect(rolled).rejects.toThrow("ended within 1000 ms after it was ready");
    expect(carrier.living).toEqual([old]);
  });

  test("kills an old unit that does not exit in its time", async () => {
    const { start, crew, clock, carrier, told, logs } = play({ drainWithin: 2000, stopWithin: 1000 });
    carrier.behave({ exitMs: undefined });
    await start(1);
    carrier.behave();
    const rolled = crew.roll();
    await clock.advance(3000);
    expect(carrier.living).toHaveLength(2);
    await clock.advance(600);
    await rolled;
    expect(told.at(-1)).toBe("stop web/1 killed");
    expect(logs.some(({ event }) => event === "unit killed")).toBe(true);
  });

  test("is one for all who ask before it begins, and another for those who ask later", async () => {
    const { start, crew, clock, carrier } = play();
    await start(1);
    const first = crew.roll();
    await clock.flush();
    const [second, third] = [crew.roll(), crew.roll()];
    await clock.advance(100);
    await Promise.all([first, second, third]);
    expect(carrier.units).toHaveLength(3);
  });

  test("fills a slot that waits for its turn to be replaced", async () => {
    const { start, crew, clock, carrier } = play({ maxRestarts: 0 });
    await start(1);
    carrier.living[0]?.end({ code: 1 });
    await clock.advance(1000);
    expect(crew.serving).toHaveLength(0);
    const rolled = crew.roll();
    await clock.advance(20);
    await rolled;
    expect(crew.serving).toHaveLength(1);
    await clock.advance(20_000);
    expect(carrier.living).toHaveLength(1);
  });

  test("is given up when the pool ends", async () => {
    const { start, crew, clock, carrier } = play();
    await start(2);
    const rolled = crew.roll();
    rolled.catch(() => {});
    await clock.advance(5);
    crew.close(1000);
    await clock.advance(100);
    await expect(rolled).rejects.toThrow();
    expect(carrier.living).toEqual([]);
  });
});

describe("a pool of another size", () => {
  test("has more units, then fewer, the last ones first", async () => {
    const { start, crew, clock, names } = play();
    await start(2);
    const more = crew.scale(4);
    await clock.advance(20);
    await more;
    expect(names()).toEqual(["web/1", "web/2", "web/3", "web/4"]);
    const fewer = crew.scale(1);
    await clock.advance(20);
    await fewer;
    expect(names()).toEqual(["web/1"]);
    await clock.advance(20_000);
    expect(names()).toEqual(["web/1"]);
  });

  test("stays as large as it was where a new unit fails", async () => {
    const { start, crew, clock, carrier, names } = play();
    await start(1);
    carrier.behave({ readyMs: undefined, fails: { ms: 3, end: { code: 1 } } });
    const more = crew.scale(3);
    more.catch(() => {});
    await clock.advance(100);
    await expect(more).rejects.toThrow("before it was ready");
    expect(crew.size).toBe(1);
    expect(names()).toEqual(["web/1"]);
  });
});

describe("recycling", () => {
  test("goes by age, one slot at a time", async () => {
    const { start, clock, carrier, told } = play({ maxAgeMs: HOUR_MS });
    await start(3);
    await clock.advance(HOUR_MS - 1);
    expect(carrier.units).toHaveLength(3);
    let most = 0;
    for (let ms = 0; ms < 100; ms++) {
      await clock.advance(1);
      most = Math.max(most, carrier.living.length);
    }
    expect(most).toBe(4);
    expect(carrier.units).toHaveLength(6);
    expect(told.filter((line) => line.endsWith("recycled"))).toHaveLength(3);
  });

  test("makes each limit smaller at random, so that not all units reach it at once", async () => {
    const { start, clock, carrier } = play({ maxAgeMs: HOUR_MS, jitter: 0.5 });
    await start(20);
    await clock.advance(HOUR_MS * 0.75);
    const early = carrier.units.length - 20;
    expect(early).toBeGreaterThan(0);
    expect(early).toBeLessThan(20);
  });

  test("goes by memory", async () => {
    const { start, clock, carrier, logs } = play({ maxMemory: 200e6 });
    carrier.behave({ memory: 300e6 });
    await start(1);
    carrier.behave();
    await clock.advance(3000);
    expect(carrier.units).toHaveLength(2);
    expect(logs.find(({ event }) => event === "unit recycled")?.message).toBe(
      'Unit "web/1" is recycled: it has 300 MB of memory',
    );
  });

  test("replaces a unit at once that accepts no more connections", async () => {
    const { start, clock, carrier, told } = play();
    carrier.behave({ exitMs: 50 });
    await start(1);
    carrier.living[0]?.say({ sitebus: "full" });
    await clock.flush();
    expect(carrier.units).toHaveLength(2);
    await clock.advance(100);
    expect(told).toEqual(["start web/1", "start web/1", "stop web/1 recycled"]);
    expect(carrier.living).toHaveLength(1);
  });
});

test("units that are for one connection are no failures, however fast they come", async () => {
  const { crew, clock, carrier, start, logs } = play({ maxRestarts: 2 });
  await start(1);
  for (let time = 0; time < 20; time++) {
    carrier.living.at(-1)?.say({ sitebus: "full" });
    await clock.advance(5);
    // The next one has its connection before it is ready.
    carrier.living.at(-1)?.say({ sitebus: "full" });
    await clock.advance(15);
  }
  expect(crew.isDegraded).toBe(false);
  expect(carrier.units.length).toBeGreaterThan(30);
  expect(logs.filter(({ level }) => level === "error")).toEqual([]);
});

test("a unit that has had its last connection before it is ready is replaced when it is", async () => {
  const { crew, clock, carrier, told } = play();
  const started = crew.start(1, { signal: new AbortController().signal, left: () => 30_000 });
  await clock.advance(5);
  carrier.living[0]?.say({ sitebus: "full" });
  await clock.advance(5);
  await started;
  await clock.advance(100);
  expect(told).toEqual(["start web/1", "stop web/1 recycled", "start web/1"]);
  expect(crew.serving).toHaveLength(1);
});

describe("a stuck unit", () => {
  test("is killed and replaced where it does not answer", async () => {
    const { start, clock, carrier, told, logs } = play({ stuckMs: 3000 });
    carrier.behave({ answers: false });
    await start(1);
    carrier.behave();
    await clock.advance(3500);
    expect(carrier.units).toHaveLength(1);
    await clock.advance(1500);
    expect(told).toEqual(["start web/1", "stop web/1 killed", "start web/1"]);
    expect(logs.find(({ event }) => event === "unit killed")?.level).toBe("error");
  });

  test("is left alone while somebody inspects it", async () => {
    const { start, clock, carrier } = play({ stuckMs: 3000 });
    carrier.behave({ answers: false });
    await start(1);
    carrier.living[0]?.say({ sitebus: "hello", bus: "worker", inspected: true });
    await clock.advance(60_000);
    expect(carrier.units).toHaveLength(1);
  });

  test("is not asked by a pool without stuckMs and maxMemory: nothing wakes it", async () => {
    const { start, clock, carrier } = play();
    await start(4);
    expect(clock.pending).toBe(0);
    expect(carrier.living.flatMap(({ heard }) => heard).filter(({ sitebus }) => sitebus === "question"))
      .toEqual([]);
  });
});
