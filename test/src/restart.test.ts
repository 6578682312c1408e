import { describe, expect, test } from "vitest";
import { fail, gate, hang, LIFE, outcome, type TestBus, testBus } from "./_test_bus.ts";

const plan = { args: ["serve"], env: { A: "1" }, cwd: "/" };

/** A bus that runs, on a platform that can respawn. */
async function running(respawn: true | (() => Promise<number | undefined>) = true): Promise<TestBus> {
  const life = testBus({ host: { respawn } });
  await life.settle(life.bus.start());
  return life;
}

describe("restart", () => {
  test("exits, then has the platform start the successor with the plan, once", async () => {
    const { bus, platform, settle, path } = await running();
    await settle(bus.restart(plan));
    expect([path(), platform.respawns]).toEqual([LIFE, [plan]]);
  });

  test("comes after the listeners of exited, and before the platform leaves", async () => {
    const life = testBus({
      host: {
        respawn: () => Promise.resolve(void life.did.push("respawn")),
        leave: () => void life.did.push("leave"),
      },
    });
    await life.settle(life.bus.start());
    life.bus.subscribe("exited", (phase) => phase.delay(10).then(() => void life.did.push("exited")));
    life.bus.restart();
    await life.settle(life.bus.block());
    expect(life.did).toEqual(["exited", "respawn", "leave"]);
  });

  test("happens, whether anybody blocks or not", async () => {
    const { bus, platform } = await running();
    bus.restart();
    await platform.flush();
    expect(platform.respawns.length).toBe(1);
  });

  test("from initial starts nothing here", async () => {
    const { bus, settle, path } = testBus({ host: { respawn: true } });
    await settle(bus.restart());
    expect(path()).toBe("enter idle exit exited");
  });

  test("resolves when the successor was started, and block() after the platform left", async () => {
    const child = gate<number>();
    const { bus, platform } = await running(() => child.promise);
    const [restarted, code] = [bus.restart(), bus.block()];
    expect(await outcome(platform, restarted)).toBe("pending");
    expect(bus.state).toBe("exited");
    child.open(4);
    expect(await outcome(platform, restarted)).toBe(undefined);
    expect(await outcome(platform, code)).toBe(4);
  });

  test("twice is one, with the latest plan", async () => {
    const { bus, platform, settle } = await running();
    await settle(Promise.all([bus.restart({ args: ["a"] }), bus.restart({ args: ["b"] })]));
    expect(platform.respawns).toEqual([{ args: ["b"] }]);
  });

  test("may be asked for by the platform, or from inside a phase", async () => {
    const first = await running();
    first.platform.control?.request("restart", { by: "host" });
    await first.settle(first.bus.block());
    expect(first.platform.respawns).toEqual([{}]);
    const second = testBus({ host: { respawn: true } });
    second.bus.subscribe("run", (phase) => phase.request("restart"));
    second.bus.start();
    await second.settle(second.bus.block());
    expect(second.platform.respawns).toEqual([{}]);
  });

  test("goes on where a stop fails on the way, and rejects", async () => {
    const { bus, platform, settle } = await running();
    bus.subscribe("stop", fail("broken"));
    await expect(settle(bus.restart())).rejects.toMatchObject({ failures: [{ channel: "stop" }] });
    expect(platform.respawns.length).toBe(1);
  });

  test("rejects where the successor could not be started", async () => {
    const { bus, settle } = await running(() => Promise.reject(new Error("no memory")));
    await expect(settle(bus.restart())).rejects.toMatchObject({ failures: [{ listener: "respawn" }] });
  });

  test.each([{ argv: [] }, 7, null, "again"])("refuses the plan %j", (bad) => {
    expect(() => testBus().bus.restart(bad as never)).toThrow(TypeError);
  });
});

describe("the listeners of restart", () => {
  test.each([[75, 75], [0, 0], ["75", 0], [256, 0], [1.5, 0]])(
    "set the exit code where they return one: %j gives %i",
    async (returned, code) => {
      const { bus, settle } = await running();
      bus.subscribe("restart", () => returned);
      bus.restart();
      expect(await settle(bus.block())).toBe(code);
    },
  );

  test("take the platform's place, with the plan, one after another", async () => {
    const { bus, platform, settle, did } = await running();
    bus.subscribe("restart", async ({ args }) => {
      await Promise.resolve();
      did.push(`first ${args} in ${bus.state}`);
    });
    bus.subscribe("restart", () => void did.push("second"));
    await settle(bus.restart(plan));
    expect([did, platform.respawns]).toEqual([["first serve in exited", "second"], []]);
  });

  test("are enough for a platform that cannot respawn", async () => {
    const { bus, settle, did } = testBus();
    bus.subscribe("restart", () => void did.push("restart"));
    await settle(bus.restart());
    expect(did).toEqual(["restart"]);
  });

  test("are all called, though one fails, which restart() rejects with", async () => {
    const { bus, settle, did } = testBus();
    bus.subscribe("restart", fail("broken"));
    bus.subscribe("restart", () => void did.push("second"));
    await expect(settle(bus.restart())).rejects.toMatchObject({ failures: [{ channel: "restart" }] });
    expect(did).toEqual(["second"]);
  });

  test("are not called by an exit", async () => {
    const { bus, settle, did } = await running();
    bus.subscribe("restart", () => void did.push("restart"));
    await settle(bus.exit());
    expect(did).toEqual([]);
  });

  test("have no deadline", async () => {
    const { bus, platform } = testBus();
    bus.subscribe("restart", hang);
    const code = bus.block();
    bus.restart();
    await platform.clock.advance(3_600_000);
    expect(await outcome(platform, code)).toBe("pending");
    expect(platform.clock.pending).toBe(0);
  });
});

describe("a successor that is waited for", () => {
  test("gets signals, the first of which ends nothing", async () => {
    const { bus, platform, did } = await running(hang);
    bus.subscribe("signal", ({ name }) => void did.push(name!));
    const code = bus.block();
    bus.restart();
    await platform.flush();
    platform.deliver("SIGTERM");
    expect(await outcome(platform, code)).toBe("pending");
    expect(did).toEqual(["SIGTERM"]);
  });

  test("is left alone after a second signal", async () => {
    const { bus, platform } = await running(hang);
    bus.restart();
    await platform.flush();
    platform.deliver("SIGTERM");
    await platform.clock.advance(501);
    platform.deliver("SIGTERM");
    await platform.flush();
    expect(platform.exits).toMatchObject([{ code: 143, forced: true, leftMs: 0 }]);
  });

  test("is left alone when a notice is over", async () => {
    const { bus, platform, settle } = await running(hang);
    bus.restart();
    await platform.flush();
    platform.notice(1000);
    await settle(bus.block());
    expect(platform.clock.now()).toBe(1000);
    expect(platform.exits).toMatchObject([{ code: 70, forced: false }]);
  });
});

describe("restart() rejects", () => {
  const noWay = { name: "TraitError", field: "respawn", needed: true, found: undefined };

  test("at once where nobody can restart, and asks for nothing", async () => {
    const { bus, platform, settle, path } = testBus();
    await settle(bus.start());
    await expect(bus.restart()).rejects.toMatchObject(noWay);
    await platform.flush();
    expect(path()).toBe("enter idle start run");
  });

  test("where an exit cancels it, which resolves", async () => {
    const { bus, platform, settle } = await running();
    bus.subscribe("stop", (phase) => phase.delay(100));
    const restarted = bus.restart();
    await platform.flush();
    await settle(bus.exit());
    await expect(restarted).rejects.toMatchObject({ name: "TransitionError", kind: "superseded" });
    expect(platform.respawns).toEqual([]);
  });

  test("where the platform's exit cancels it", async () => {
    const { bus, platform, settle } = await running();
    bus.subscribe("stop", (phase) => phase.delay(100));
    const restarted = bus.restart();
    await platform.flush();
    platform.deliver("SIGTERM");
    await expect(settle(restarted)).rejects.toMatchObject({ kind: "superseded" });
    await settle(bus.block());
    expect(platform.respawns).toEqual([]);
  });

  test("after exited", async () => {
    const { bus, settle, platform } = await running();
    await settle(bus.exit());
    await expect(bus.restart()).rejects.toMatchObject({ name: "TransitionError", kind: "exited" });
    expect(platform.respawns).toEqual([]);
  });

  test("never where it is asked for from inside a phase: that is logged", async () => {
    const { bus, settle, logged } = testBus();
    bus.subscribe("run", (phase) => phase.request("restart"));
    await settle(bus.start());
    expect([bus.state, logged(/^Cannot restart: the platform "testing" has no "respawn"/)]).toEqual([
      "run",
      1,
    ]);
  });
});

test("a successor that hangs is waited for no longer than a notice that came before leaves", async () => {
  const { bus, platform, settle } = testBus({ host: { respawn: () => new Promise(() => {}) } });
  await settle(bus.start());
  platform.control!.request("restart", { by: "host", leftMs: 5_000 });
  expect(await settle(bus.block())).toBe(70);
  expect(platform.clock.now()).toBeLessThanOrEqual(5_000);
});
