import { describe, expect, test } from "vitest";
import { fail, type TestBus, testBus } from "./_test_bus.ts";

/** A component that comes up after `startMs`, and takes `stopMs` to stop; both are written down. */
function slow(
  { bus, platform, did }: TestBus,
  name: string,
  startMs: number,
  stopMs: number,
  dependsOn: string[] = [],
) {
  const sleep = (ms: number) => new Promise<void>((resolve) => void platform.clock.setTimer(ms, resolve));
  return bus.use({
    name,
    dependsOn,
    start: () => sleep(startMs),
    async stop() {
      did.push(`${name} stops`);
      await sleep(stopMs);
      did.push(`${name} is down`);
    },
  });
}

describe("a start that comes up after it was given up", () => {
  test.each([
    ["while its start is awaited no more, in drain", 150, 200, 0],
    ["in stop, before the components are stopped", 450, 0, 200],
  ])("is stopped before what it depends on: %s", async (_, startMs, drainMs, stopMs) => {
    const life = testBus({ deadlines: { start: 100, drain: 1_000 } });
    const { bus, did, settle } = life;
    slow(life, "db", 0, 50);
    slow(life, "web", startMs, 50, ["db"]);
    bus.subscribe("drain", (phase) => phase.delay(drainMs));
    bus.subscribe("stop", (phase) => phase.delay(stopMs + startMs), { priority: 10 });
    await settle(bus.start()).catch(() => {});
    await settle(bus.wait("exited"));
    expect(did).toEqual(["web stops", "web is down", "db stops", "db is down"]);
  });

  test("joins the stop that is under way, and what it depends on waits for it", async () => {
    const life = testBus({ deadlines: { start: 100 } });
    const { bus, did, settle } = life;
    slow(life, "db", 0, 50);
    slow(life, "cache", 0, 100, ["db"]);
    // Comes up 50 ms after the stop has begun: while "cache" stops, and before "db" may.
    slow(life, "web", 150, 200, ["db"]);
    await settle(bus.start()).catch(() => {});
    await settle(bus.wait("exited"));
    expect(did).toEqual([
      "cache stops",
      "web stops",
      "cache is down",
      "web is down",
      "db stops",
      "db is down",
    ]);
  });

  test("is stopped at once where what it depends on is being stopped already", async () => {
    const life = testBus({ deadlines: { start: 100 } });
    const { bus, did, settle } = life;
    slow(life, "db", 0, 200);
    slow(life, "web", 150, 100, ["db"]);
    await settle(bus.start()).catch(() => {});
    await settle(bus.wait("exited"));
    expect(did).toEqual(
      ["db stops", "web stops", "db is down", "web is down"].sort((a, b) => did.indexOf(a) - did.indexOf(b)),
    );
    expect(did.indexOf("web stops")).toBeGreaterThan(did.indexOf("db stops"));
  });

  test("is stopped at once where the bus is at rest, and tells that it came too late", async () => {
    const life = testBus({ deadlines: { start: 100 }, onStartFailure: "idle" });
    const { bus, did, platform, settle, logged } = life;
    slow(life, "web", 300, 50);
    await settle(bus.start()).catch(() => {});
    expect(bus.state).toBe("idle");
    await platform.clock.advance(400);
    expect(did).toEqual(["web stops", "web is down"]);
    expect(logged(/"web" came up after its start was given up: it is stopped/)).toBe(1);
  });

  test("is only told of where the bus has exited", async () => {
    const life = testBus({ deadlines: { start: 100 } });
    const { bus, did, platform, settle, logged } = life;
    slow(life, "web", 500, 50);
    await settle(bus.start()).catch(() => {});
    await settle(bus.wait("exited"));
    await platform.clock.advance(1_000);
    expect(did).toEqual([]);
    expect(logged(/"web" came up after its start was given up: it is too late to stop it/)).toBe(1);
  });

  test("whose stop fails as well is logged", async () => {
    const life = testBus({ deadlines: { start: 100 }, onStartFailure: "idle" });
    const { bus, platform, settle, records } = life;
    const sleep = (ms: number) => new Promise<void>((resolve) => void platform.clock.setTimer(ms, resolve));
    bus.use({ name: "web", start: () => sleep(300), stop: fail("it does not stop") });
    await settle(bus.start()).catch(() => {});
    await platform.clock.advance(400);
    expect(records.filter(({ event, listener }) => event === "failure" && listener === "web").length).toBe(2);
  });

  test("that fails after all leaves nothing to stop", async () => {
    const life = testBus({ deadlines: { start: 100 }, onStartFailure: "idle" });
    const { bus, did, platform, note, settle, logged } = life;
    const sleep = (ms: number) => new Promise<void>((resolve) => void platform.clock.setTimer(ms, resolve));
    bus.use({ name: "web", start: () => sleep(300).then(fail("refused")), stop: note("stops") });
    await settle(bus.start()).catch(() => {});
    await platform.clock.advance(400);
    expect(did).toEqual([]);
    expect(logged(/"web" on "start" settled late/)).toBe(1);
  });
});
