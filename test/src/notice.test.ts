import { describe, expect, test } from "vitest";
import type { State } from "../../mod.ts";
import { gate, hang, LIFE, type TestBus, testBus, work } from "./_test_bus.ts";

/** The instants at which states were entered. */
function entered({ platform }: TestBus, ...states: State[]): number[] {
  return states.map((state) =>
    platform.pulses.findLast((pulse) => pulse.state === state && !pulse.settled)!.at
  );
}

/** A bus that runs, in which whatever comes next hangs. */
async function running(options?: Parameters<typeof testBus>[0]): Promise<TestBus> {
  const life = testBus(options);
  await life.settle(life.bus.start());
  for (const state of ["drain", "stop", "exit", "exited"] as const) {
    life.bus.subscribe(state, () => hang(), { name: state });
  }
  return life;
}

/** Lets the bus come to its end, whatever fails. */
async function end({ bus, settle }: TestBus): Promise<void> {
  await settle(bus.block());
}

describe("a notice", () => {
  test("asks for what it is given with, for the host's reason", async () => {
    const { bus, platform, settle } = testBus();
    await settle(bus.start());
    const reasons: unknown[] = [];
    bus.subscribe("drain", ({ reason }) => void reasons.push(reason));
    platform.notice(1000);
    await settle(bus.wait("exited"));
    expect(reasons).toEqual([{ by: "host", name: "notice", leftMs: 1000 }]);
  });

  test("leaves exit a fifth, stop half of the rest, and drain what is left", async () => {
    const life = await running();
    life.platform.notice(1000);
    await end(life);
    expect(entered(life, "drain", "stop", "exit", "exited")).toEqual([0, 400, 800, 1000]);
  });

  test("leaves each state no more than its own deadline", async () => {
    const life = await running();
    life.platform.notice(100_000);
    await end(life);
    expect(entered(life, "drain", "stop", "exit", "exited")).toEqual([0, 10_000, 20_000, 25_000]);
  });

  test("leaves drain all that stop and exit do not need", async () => {
    const life = await running({ deadlines: { drain: 60_000, stop: 100, exit: 100 } });
    life.platform.notice(10_000);
    await end(life);
    expect(entered(life, "drain", "stop", "exit")).toEqual([0, 9800, 9900]);
  });

  test("gives stop the time that drain did not use", async () => {
    const life = testBus();
    await life.settle(life.bus.start());
    life.bus.subscribe("stop", hang);
    life.platform.notice(1000);
    await end(life);
    expect(entered(life, "stop", "exit")).toEqual([0, 800]);
  });

  test("only shortens: a longer one changes nothing", async () => {
    const life = await running();
    life.platform.notice(1000);
    await life.platform.flush();
    life.platform.notice(5000);
    await end(life);
    expect(entered(life, "exited")).toEqual([1000]);
  });

  test("may be followed by a shorter one", async () => {
    const life = await running();
    life.platform.notice(5000);
    await life.platform.clock.advance(100);
    life.platform.notice(1000);
    await end(life);
    expect(entered(life, "stop", "exit", "exited")).toEqual([500, 900, 1100]);
  });

  test("shortens the phase under way, whose signal aborts in time", async () => {
    const { bus, platform, settle } = testBus();
    await settle(bus.start());
    bus.subscribe("stop", (phase) => work(phase).catch(() => {}));
    bus.exit();
    await platform.clock.advance(50);
    platform.notice(200);
    await settle(bus.wait("stop"));
    const left = 50 + 200 - 40 - platform.clock.now();
    expect(left).toBeGreaterThan(0);
    expect(left).toBeLessThanOrEqual(21);
  });

  test("comes with the goal that is under way already, too", async () => {
    const life = await running();
    life.bus.exit();
    await life.platform.flush();
    life.platform.control?.request("none", { by: "host", leftMs: 1000 });
    await end(life);
    expect(entered(life, "exited")).toEqual([1000]);
  });

  test("is counted from its coming, whenever the end is asked for", async () => {
    const life = await running();
    life.platform.control?.request("none", { by: "host", leftMs: 1000 });
    await life.platform.clock.advance(300);
    expect(life.bus.state).toBe("run");
    life.bus.exit();
    await end(life);
    expect(entered(life, "drain", "stop", "exit", "exited")).toEqual([300, 400, 800, 1000]);
  });

  test.each(["enter", "start"] as const)("gives up a start under way, in %s", async (state) => {
    const life = testBus();
    life.bus.subscribe(state, work);
    const started = life.bus.start();
    await life.platform.flush();
    life.platform.notice(1000);
    await end(life);
    await expect(started).rejects.toMatchObject({ name: "TransitionError", kind: "superseded" });
    expect([life.platform.clock.now(), life.platform.exits[0]?.code]).toEqual([0, 0]);
  });

  test("lets no extend past it", async () => {
    const { bus, platform, settle } = testBus();
    await settle(bus.start());
    const granted: number[] = [];
    bus.subscribe("stop", (phase) => {
      granted.push(phase.extend(60_000), phase.left());
      return hang();
    });
    platform.notice(1000);
    await settle(bus.block());
    expect(granted).toEqual([0, 800]);
    expect(platform.clock.now()).toBe(800);
  });

  test("takes back what extend granted before", async () => {
    const { bus, platform, settle } = testBus({ deadlines: { stop: 1000 } });
    await settle(bus.start());
    bus.subscribe("stop", (phase) => {
      phase.extend(1000);
      return hang();
    });
    bus.exit();
    await platform.clock.advance(100);
    platform.notice(1000);
    await settle(bus.block());
    expect(platform.clock.now()).toBe(900);
  });
});

describe("out of time", () => {
  test("no state is skipped, and all listeners are called with an aborted signal, and not awaited", async () => {
    const { bus, platform, settle, did, path } = testBus();
    await settle(bus.start());
    for (const state of ["drain", "stop", "exit", "exited"] as const) {
      for (const name of ["first", "second"]) {
        bus.subscribe(state, ({ signal, left }) => {
          did.push(`${state} ${name} ${signal.aborted} ${left()}`);
          return hang();
        });
      }
    }
    platform.notice(0);
    await settle(bus.block());
    expect(did).toEqual(
      ["drain", "stop", "exit", "exited"].flatMap((
        state,
      ) => [`${state} first true 0`, `${state} second true 0`]),
    );
    expect(path()).toMatch(/drain stop .*exit .*exited$/);
    expect(platform.clock.now()).toBe(0);
  });

  test("components are stopped too, dependants first", async () => {
    const { bus, platform, settle, did, note } = testBus();
    bus.use({ name: "db", start: () => {}, stop: note("stop db", hang) });
    bus.use({ name: "web", dependsOn: ["db"], start: () => {}, stop: note("stop web", hang) });
    await settle(bus.start());
    platform.notice(0);
    await settle(bus.block());
    expect(did).toEqual(["stop web", "stop db"]);
    expect(platform.clock.now()).toBe(0);
  });

  test("what settles at once has done its work, and fails nothing", async () => {
    const { bus, platform, settle, path } = testBus();
    bus.subscribe("stop", () => Promise.resolve());
    bus.subscribe("exit", () => {});
    await settle(bus.start());
    platform.notice(0);
    expect(await settle(bus.block())).toBe(0);
    expect([path(), platform.exits]).toEqual([LIFE, [{ code: 0, forced: false, leftMs: 0 }]]);
  });

  test("a negative time is none", async () => {
    const life = await running();
    life.platform.notice(-5);
    await end(life);
    expect(life.platform.clock.now()).toBe(0);
  });
});

describe("the platform", () => {
  test("is told the end of the running phase", async () => {
    const { bus, platform, settle } = testBus();
    const stopping = gate();
    bus.subscribe("stop", () => stopping.promise);
    await settle(bus.start());
    await platform.clock.advance(7);
    bus.stop();
    await platform.flush();
    expect(platform.control).toMatchObject({ state: "stop", settled: false, deadline: 10_007, bus: "bus" });
    stopping.open();
    await platform.flush();
    expect(platform.control).toMatchObject({ state: "idle", settled: true });
    expect(platform.control?.deadline).toBe(undefined);
  });

  test("is left what the notice leaves", async () => {
    const { bus, platform, settle } = testBus();
    await settle(bus.start());
    platform.notice(1000);
    await settle(bus.block());
    expect(platform.exits).toEqual([{ code: 0, forced: false, leftMs: 1000 }]);
  });

  test("is not waited for past the notice", async () => {
    const { bus, platform, settle } = testBus({ host: { leave: hang } });
    await settle(bus.start());
    platform.notice(1000);
    await settle(bus.block());
    expect(platform.clock.now()).toBeLessThanOrEqual(1300);
  });

  const notice = { kind: "SIGTERM", graceMs: 20_000 };

  test("that gives less notice than drain, stop and exit may take is warned of once, at start", async () => {
    const { bus, settle, records } = testBus({ host: { traits: { notice } } });
    await settle(bus.start());
    await settle(bus.graceful());
    expect(records.filter(({ level }) => level === "warn").map(({ message }) => message)).toEqual([
      "The deadlines of drain, stop and exit add up to 25000 ms, and the host leaves 20000 ms",
    ]);
  });

  test("that gives enough is not", async () => {
    const { bus, settle, logged } = testBus({ host: { traits: { notice } }, deadlines: { drain: 5000 } });
    await settle(bus.start());
    expect(logged(/add up to/)).toBe(0);
  });
});
