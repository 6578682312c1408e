import { describe, expect, test } from "vitest";
import { fail, gate, hang, LIFE, type TestBus, testBus, work } from "./_test_bus.ts";

/** A bus that runs. */
async function running(): Promise<TestBus> {
  const life = testBus();
  await life.settle(life.bus.start());
  return life;
}

describe("a signal", () => {
  test.each([
    ["SIGTERM", "drain stop idle exit exited"],
    ["SIGINT", "drain stop idle exit exited"],
    ["SIGUSR2", ""],
  ])("%s does what it stands for", async (name, path) => {
    const { bus, platform, path: passed } = await running();
    platform.deliver(name);
    await platform.flush();
    expect(passed()).toBe(`enter idle start run ${path}`.trim());
    expect(bus.settled).toBe(true);
  });

  test("is published on signal first, with the bus where it stood", async () => {
    const { bus, platform, did } = await running();
    bus.subscribe(
      "signal",
      ({ by, name, number }) => void did.push(`${by} ${name} ${number} in ${bus.state}`),
    );
    bus.subscribe("drain", ({ reason }) => void did.push(`drain for ${reason.name}`));
    platform.deliver("SIGTERM");
    await platform.flush();
    expect(did).toEqual(["signal SIGTERM 15 in run", "drain for SIGTERM"]);
  });

  test("does not wait for the listeners of signal", async () => {
    const { bus, platform } = await running();
    bus.subscribe("signal", hang);
    platform.deliver("SIGTERM");
    await platform.flush();
    expect(bus.state).toBe("exited");
  });

  test("is taken whatever its listeners do, and their failures are logged", async () => {
    const { bus, platform, logged } = await running();
    bus.subscribe("signal", fail("broken"), { name: "first" });
    bus.subscribe("signal", () => Promise.reject(new Error("rejected")), { name: "second" });
    platform.deliver("SIGTERM");
    await platform.flush();
    expect(bus.state).toBe("exited");
    expect([logged(/"first" on "signal" failed: broken/), logged(/"second" on "signal" failed: rejected/)])
      .toEqual([1, 1]);
    expect(platform.exits).toMatchObject([{ code: 0 }]);
  });

  test("that means nothing to the bus is published and no more", async () => {
    const { bus, platform, did, path } = await running();
    bus.subscribe("signal", ({ name }) => void did.push(name!));
    platform.deliver("SIGUSR1");
    await platform.flush();
    expect([did, path()]).toEqual([["SIGUSR1"], "enter idle start run"]);
  });

  test("is published with what its platform knows of it", async () => {
    const { bus, platform, path } = await running();
    const reason = { by: "signal", name: "CTRL_CLOSE", calledAs: "SIGHUP", number: 1, leftMs: 4500 } as const;
    const seen: unknown[] = [];
    bus.subscribe("signal", (reason) => void seen.push(reason));
    bus.subscribe("drain", ({ reason }) => void seen.push(reason));
    platform.control?.request("exit", reason);
    await platform.flush();
    expect(seen).toEqual([reason, reason]);
    expect(path()).toContain("exited");
  });

  test("SIGHUP reloads, with the signal as its details", async () => {
    const { bus, platform } = await running();
    const seen: unknown[] = [];
    bus.subscribe("reload", ({ details, generation }) => void seen.push([generation, details]));
    platform.deliver("SIGHUP");
    await platform.flush();
    expect(seen).toEqual([[1, { by: "signal", name: "SIGHUP", number: 1 }]]);
    expect(bus.state).toBe("run");
  });

  test("SIGHUP whose reload is vetoed leaves the bus running", async () => {
    const { bus, platform, logged } = await running();
    bus.subscribe("reload", fail("bad config"), { name: "config" });
    platform.deliver("SIGHUP");
    await platform.flush();
    expect([bus.state, logged(/"config" on "reload" failed: bad config/)]).toEqual(["run", 1]);
  });

  test("SIGQUIT logs what inspect() tells", async () => {
    const { platform, records } = await running();
    platform.deliver("SIGQUIT");
    const record = records.at(-1);
    expect(record).toMatchObject({ level: "warn", report: { bus: "bus", state: "run" } });
    expect(record?.message).toContain('"state":"run"');
  });

  test("gives up a start under way", async () => {
    const { bus, platform, path } = testBus();
    bus.subscribe("start", work);
    const started = bus.start();
    await platform.flush();
    platform.deliver("SIGTERM");
    await expect(started).rejects.toMatchObject({ kind: "superseded" });
    await platform.flush();
    expect(path()).toBe("enter idle start drain stop idle exit exited");
    expect(platform.exits).toMatchObject([{ code: 0, forced: false }]);
  });

  test("is taken while the platform still attaches", async () => {
    const attaching = gate();
    const { bus, platform, path } = testBus({ host: { attach: () => attaching.promise } });
    bus.start();
    platform.deliver("SIGTERM");
    attaching.open();
    await platform.flush();
    expect([bus.state, path()]).toEqual(["exited", "enter idle exit exited"]);
  });

  test("after the end changes nothing", async () => {
    const { bus, platform, settle, path } = await running();
    await settle(bus.exit());
    platform.deliver("SIGTERM");
    await platform.clock.advance(600);
    platform.deliver("SIGTERM");
    await platform.flush();
    expect(path()).toBe(LIFE);
    expect(platform.exits.length).toBe(1);
  });
});

describe("a second termination signal", () => {
  /** A bus whose stop hangs, after a first SIGTERM. */
  async function stopping(): Promise<TestBus> {
    const life = await running();
    life.bus.subscribe("stop", life.note("first", hang), { name: "first" });
    life.bus.subscribe("stop", life.note("second", hang));
    life.platform.deliver("SIGTERM");
    await life.platform.flush();
    expect(life.bus.state).toBe("stop");
    return life;
  }

  test.each([0, 1, 500])("%d ms after the first is the same one", async (ms) => {
    const { bus, platform, did } = await stopping();
    await platform.clock.advance(ms);
    platform.deliver("SIGINT");
    await platform.flush();
    expect([bus.state, did]).toEqual(["stop", ["first"]]);
  });

  test("more than 500 ms after the first is a notice of 0 ms", async () => {
    const { bus, platform, did, path } = await stopping();
    await platform.clock.advance(501);
    platform.deliver("SIGTERM");
    await platform.flush();
    expect([bus.state, did]).toEqual(["exited", ["first", "second"]]);
    expect(path()).toBe("enter idle start run drain stop stop_error exit exited");
    expect(platform.clock.now()).toBe(501);
  });

  test.each([
    ["SIGTERM", {}, 143],
    ["SIGINT", {}, 130],
    ["SIGTERM", { number: 99 }, 227],
  ])("%s %j makes the exit forced, with 128 and its number as the code", async (name, options, code) => {
    const { bus, platform } = await stopping();
    await platform.clock.advance(501);
    platform.deliver(name, options);
    await platform.flush();
    expect(platform.exits).toMatchObject([{ code, forced: true, leftMs: 0 }]);
    expect(await bus.block()).toBe(code);
  });

  test("without a number makes the code 130", async () => {
    const { platform } = await stopping();
    await platform.clock.advance(501);
    platform.control?.request("exit", { by: "signal", name: "CTRL_C" });
    await platform.flush();
    expect(platform.exits).toMatchObject([{ code: 130, forced: true }]);
  });

  test("forces whatever code was asked for", async () => {
    const { bus, platform } = await stopping();
    bus.exit(3).catch(() => {});
    await platform.clock.advance(501);
    platform.deliver("SIGINT");
    await platform.flush();
    expect(platform.exits).toMatchObject([{ code: 130 }]);
  });

  test("says who was still at work", async () => {
    const { platform, logged } = await stopping();
    await platform.clock.advance(501);
    platform.deliver("SIGTERM");
    expect(logged(/^Forced by SIGTERM while "first" on "stop" still runs$/)).toBe(1);
  });

  test("is published like the first", async () => {
    const { bus, platform, did } = await stopping();
    bus.subscribe("signal", ({ name }) => void did.push(name!));
    platform.deliver("SIGTERM");
    await platform.clock.advance(501);
    platform.deliver("SIGINT");
    expect(did).toEqual(["first", "SIGTERM", "SIGINT", "second"].slice(0, 3));
  });

  test("is no third one: the code stays that of the forcing signal", async () => {
    const { platform } = await stopping();
    await platform.clock.advance(501);
    platform.deliver("SIGTERM");
    platform.deliver("SIGINT");
    await platform.flush();
    expect(platform.exits).toMatchObject([{ code: 143 }]);
  });

  test("forces no bus that was asked to exit by a call before", async () => {
    const { bus, platform, settle } = await running();
    bus.subscribe("stop", hang);
    bus.exit().catch(() => {});
    await platform.clock.advance(600);
    platform.deliver("SIGTERM");
    await settle(bus.block());
    expect(platform.exits).toMatchObject([{ code: 70, forced: false }]);
    expect(platform.clock.now()).toBe(10_000);
  });

  test.each(["SIGHUP", "SIGUSR2", "SIGQUIT", "SIGUSR1"])("is not %s", async (name) => {
    const { bus, platform } = await stopping();
    await platform.clock.advance(600);
    platform.deliver(name);
    await platform.flush();
    expect(bus.state).toBe("stop");
  });
});
