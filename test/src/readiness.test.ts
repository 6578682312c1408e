import { describe, expect, test } from "vitest";
import { type Component, guest } from "../../mod.ts";
import { fail, gate, hang, outcome, testBus } from "./_test_bus.ts";

/** A bus that runs with these components. */
async function running(...components: Component<unknown>[]) {
  const life = testBus();
  for (const component of components) life.bus.use(component);
  await life.settle(life.bus.start());
  return life;
}

describe("check", () => {
  test("says ready of a bus that runs and has nothing to check", async () => {
    const { bus } = await running({ name: "db" });
    expect(await bus.check()).toEqual({
      ready: true,
      state: "run",
      settled: true,
      components: [{ name: "db", status: "up" }],
    });
  });

  test("gives each component its value, as a method of its own", async () => {
    class Pool {
      readonly name = "pool";
      readonly #size = 3;
      start() {
        return 2;
      }
      check(value: number) {
        return value < this.#size;
      }
    }
    const { bus } = await running(new Pool() as Component<unknown>);
    expect((await bus.check()).components).toEqual([{ name: "pool", status: "up", check: "passed", ms: 0 }]);
  });

  const broken: [string, () => unknown, string][] = [
    ["throws", fail("no connection"), "no connection"],
    ["rejects", () => Promise.reject(new Error("no connection")), "no connection"],
    ["is false", () => false, '"db" does not work'],
    ["resolves to false", () => Promise.resolve(false), '"db" does not work'],
  ];
  test.each(broken)("says not ready where one %s", async (_, check, message) => {
    const { bus, records } = await running({ name: "db", check }, { name: "web", check: () => undefined });
    const before = records.length;
    const { ready, components } = await bus.check();
    expect([ready, components.map(({ check }) => check)]).toEqual([false, ["failed", "passed"]]);
    expect((components[0]!.error as Error).message).toBe(message);
    expect(records.length).toBe(before);
  });

  test("runs them side by side, and says how long each took", async () => {
    const { bus, platform, settle } = await running();
    const wait = (ms: number) => () => new Promise<void>((resolve) => platform.clock.setTimer(ms, resolve));
    bus.use({ name: "a", check: wait(300) });
    bus.use({ name: "b", check: wait(200) });
    await platform.flush();
    const { ready, components } = await settle(bus.check());
    expect([ready, components.map(({ ms }) => ms)]).toEqual([true, [300, 200]]);
    expect(platform.clock.pending).toBe(0);
  });

  test("goes on without one that is late", async () => {
    const { bus, platform, settle } = await running({ name: "db", check: hang });
    const began = platform.clock.now();
    const { ready, components } = await settle(bus.check({ within: 400 }));
    expect([ready, components[0]?.check, platform.clock.now() - began]).toEqual([false, "late", 400]);
    expect((components[0]?.error as Error).name).toBe("TimeoutError");
    await settle(bus.check());
    expect([platform.clock.now() - began, platform.left(bus).running]).toEqual([400, []]);
  });

  test("calls one that hangs not again until it has settled", async () => {
    const first = gate<void>();
    let calls = 0;
    const { bus, platform, settle } = await running({
      name: "db",
      check: () => ++calls === 1 ? first.promise : true,
    });
    await settle(bus.check());
    expect((await settle(bus.check())).components[0]).toMatchObject({ check: "late" });
    expect(calls).toBe(1);
    first.open();
    await platform.flush();
    expect([(await settle(bus.check())).ready, calls]).toEqual([true, 2]);
  });

  test("aborts the signal of one that takes long, which is late then", async () => {
    const { bus, settle } = await running({
      name: "db",
      check: (_, signal) =>
        new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason))),
    });
    expect((await settle(bus.check())).components[0]).toMatchObject({ check: "late", ms: 900 });
  });

  test("asks only those that are up", async () => {
    const { bus } = await running({ name: "db" });
    bus.use({ name: "next", join: "next", check: fail("not up") });
    expect(await bus.check()).toMatchObject({ ready: true, components: [{}, { status: "down" }] });
  });

  test("asks nobody where the bus does not run, or has not settled", async () => {
    const { bus, settle, did, note, platform } = testBus();
    const opened = gate();
    bus.use({ name: "db", check: note("check") });
    bus.subscribe("run", () => opened.promise);
    expect(await bus.check()).toMatchObject({
      ready: false,
      state: "initial",
      components: [{ status: "down" }],
    });
    const started = bus.start();
    await platform.flush();
    expect(await bus.check()).toMatchObject({ ready: false, state: "run", settled: false });
    opened.open();
    await settle(started);
    await settle(bus.exit());
    expect(await bus.check()).toMatchObject({ ready: false, state: "exited", settled: true });
    expect(did).toEqual([]);
  });

  test("says not ready where the bus has left run meanwhile", async () => {
    const asked = gate<boolean>();
    const { bus, platform, settle } = await running({ name: "db", check: () => asked.promise });
    const checked = bus.check();
    expect(await outcome(platform, checked)).toBe("pending");
    const stopped = bus.stop();
    await settle(stopped);
    asked.open(true);
    expect(await checked).toMatchObject({ ready: false, state: "idle", components: [{ check: "passed" }] });
  });

  test("asks the components of a guest", async () => {
    const { bus, settle } = testBus();
    const component = {
      name: "db",
      works: false,
      check() {
        return this.works;
      },
    };
    guest(bus, "shop").use(Object.create(component) as Component);
    await settle(bus.start());
    expect(await bus.check()).toMatchObject({
      ready: false,
      components: [{ name: "shop/db", check: "failed" }],
    });
  });

  test("refuses what is no time, and an unknown option", async () => {
    const { bus } = await running();
    expect(() => bus.check({ within: -1 })).toThrow('Cannot check: "within" is -1, expected milliseconds');
    expect(() => bus.check({ timeout: 1 } as never)).toThrow('Cannot check: unknown option "timeout"');
    expect(() => bus.use({ name: "db", check: true } as never)).toThrow(
      '"check" is true, expected a function',
    );
  });
});
