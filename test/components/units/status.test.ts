import { fileURLToPath } from "node:url";
import { describe, expect, onTestFinished, test } from "vitest";
import { Measures } from "../../../components/units/measures.ts";
import { pool, poolsOf } from "../../../components/units.ts";
import { inline, ProcessBus } from "../../../mod.ts";
import { runtime } from "../../spawn.ts";
import { play } from "./_crew.ts";
import { LONG_MS } from "./_site_program.ts";

describe("the status of a pool", () => {
  test("tells what its units say of themselves, and of each that is silent what is known", async () => {
    const { start, crew, clock, carrier } = play();
    await start(1);
    carrier.behave({ answers: false });
    const scaled = crew.scale(2);
    await clock.advance(20);
    await scaled;
    const measures = new Measures(clock);
    for (const { unit } of crew.members) expect(unit.state).toBe("run");
    const [loud, silent] = crew.members;
    const told = Promise.all([measures.of(loud!, 1000), measures.of(silent!, 1000)]);
    // The crew of this test hands no answers on.
    const [{ heard }] = carrier.living as unknown as [{ heard: { sitebus: string; number: number }[] }];
    const number = heard.find(({ sitebus }) => sitebus === "question")!.number;
    measures.heard({ sitebus: "answer", number, memory: 5e6, inFlight: 3 });
    await clock.advance(1000);
    const kept = { kind: "process", state: "run", generation: 0 };
    expect(await told).toEqual([
      { ...kept, id: 1, name: "web/1", since: 0, pid: loud!.unit.pid, memory: 5e6, inFlight: 3 },
      { ...kept, id: 2, name: "web/2", since: 10, pid: silent!.unit.pid },
    ]);
  });

  test("keeps what became of the last roll", async () => {
    const { start, crew, clock, carrier } = play();
    await start(1);
    expect(crew.history.lastRoll).toBe(undefined);
    carrier.behave({ readyMs: undefined, fails: { ms: 3, end: { code: 1 } } });
    const rolled = crew.roll();
    rolled.catch(() => {});
    expect(crew.history.rolling).toBe(false);
    await clock.advance(1);
    expect(crew.history.rolling).toBe(true);
    await clock.advance(4);
    await expect(rolled).rejects.toThrow();
    expect(crew.history.rolling).toBe(false);
    const error = 'The unit "web/1" exited with 1 before it was ready';
    expect(crew.history.lastRoll).toEqual({ ok: false, at: 13, ms: 3, error });
    carrier.behave();
    const again = crew.roll();
    await clock.advance(100);
    await again;
    expect(crew.history.lastRoll).toEqual({ ok: true, at: expect.any(Number), ms: 20 });
  });

  test("tells since when units end too often, until they do not any more", async () => {
    const { start, crew, clock, carrier, logs } = play({ maxRestarts: 1, restartWindowMs: 60_000 });
    await start(1);
    for (let times = 0; times < 2; times++) {
      carrier.living[0]!.end({ code: 1 });
      await clock.advance(200);
    }
    const { since, ...how } = crew.history.degraded!;
    expect(how).toEqual({ restarts: 2, maxRestarts: 1, restartWindowMs: 60_000 });
    expect(since).toBeGreaterThan(0);
    expect(logs.find(({ event }) => event === "pool degraded")).toMatchObject(how);
    await clock.advance(70_000);
    expect(crew.isDegraded).toBe(false);
    expect(crew.history.degraded).toBe(undefined);
  });

  test("is that of real processes, which say how much memory they have", async () => {
    const bus = new ProcessBus({ platform: inline() });
    onTestFinished(() => bus.exit());
    const web = bus.use(pool(bus, {
      name: "web",
      kind: "process",
      count: 1,
      entry: fileURLToPath(new URL("../../programs/unit_worker.ts", import.meta.url)),
      flags: runtime === "deno" ? ["--allow-all"] : [],
    }));
    expect(poolsOf(bus)).toEqual([]);
    await bus.start();
    expect(poolsOf(bus)).toEqual([web.value]);
    const { units: [unit], ...status } = await web.value.status({ within: 20_000 });
    expect(status).toEqual({ name: "web", kind: "process", count: 1, serving: 1, rolling: false });
    expect(unit).toMatchObject({ id: 1, name: "web/1", kind: "process", state: "run", generation: 0 });
    expect(unit!.memory).toBeGreaterThan(1e6);
    // It has no server of sitebus/http.
    expect(unit!.inFlight).toBe(undefined);
    await bus.exit();
    expect(poolsOf(bus)).toEqual([]);
  }, LONG_MS);
});
