import { describe, expect, test } from "vitest";
import { TraitError } from "../../mod.ts";
import { fail, gate, hang, outcome, testBus } from "./_test_bus.ts";

describe("block", () => {
  test("resolves to the exit code, once the platform has left", async () => {
    const leaving = gate();
    const { bus, platform, settle } = testBus({ host: { leave: () => leaving.promise } });
    const code = bus.block();
    bus.exit(3);
    expect(await outcome(platform, code)).toBe("pending");
    expect(bus.state).toBe("exited");
    leaving.open();
    expect(await settle(code)).toBe(3);
  });

  test("starts nothing and ends nothing", async () => {
    const { bus, platform } = testBus();
    expect(await outcome(platform, bus.block())).toBe("pending");
    expect(bus.state).toBe("initial");
  });

  test("waits for the listeners of exited", async () => {
    const { bus, platform } = testBus();
    const last = gate();
    bus.subscribe("exited", () => last.promise);
    const code = bus.block();
    bus.exit();
    expect(await outcome(platform, code)).toBe("pending");
    last.open();
    expect(await outcome(platform, code)).toBe(0);
  });

  test("waits for the listeners of restart", async () => {
    const { bus, platform } = testBus();
    const last = gate();
    bus.subscribe("restart", () => last.promise);
    const code = bus.block();
    bus.restart();
    expect(await outcome(platform, code)).toBe("pending");
    last.open();
    expect(await outcome(platform, code)).toBe(0);
  });

  test("may be called by many, and after the end", async () => {
    const { bus, settle } = testBus();
    const codes = [bus.block(), bus.block()];
    bus.exit(4);
    expect(await settle(Promise.all([...codes, bus.block()]))).toEqual([4, 4, 4]);
    expect(await settle(bus.block())).toBe(4);
  });

  test("never rejects, where the end fails either", async () => {
    const { bus, settle } = testBus({ host: { leave: fail("no way out") } });
    const code = bus.block();
    bus.subscribe("exit", fail("broken"));
    bus.exit().catch(() => {});
    expect(await settle(code)).toBe(70);
  });

  test("goes on without a platform that does not leave in time, and names it", async () => {
    const { bus, settle, platform, logged } = testBus({ host: { leave: hang } });
    const code = bus.block();
    bus.exit();
    expect(await settle(code)).toBe(0);
    expect(platform.clock.now()).toBeLessThanOrEqual(5300);
    expect(logged(/"leave" on "exited" failed: .*still runs/)).toBe(1);
  });

  test("leaves no timer behind, where the platform took its time to leave", async () => {
    const leaving = gate();
    const { bus, platform } = testBus({ host: { leave: () => leaving.promise } });
    const code = bus.block();
    bus.exit();
    expect(await outcome(platform, code)).toBe("pending");
    leaving.open();
    expect([await outcome(platform, code), platform.clock.pending]).toEqual([0, 0]);
  });

  test("keeps the process alive only while it waits", async () => {
    const { bus, settle, platform } = testBus();
    expect(platform.left(bus).parked).toBe(0);
    const code = bus.block();
    expect(platform.left(bus).parked).toBe(1);
    bus.exit();
    await settle(code);
    expect(platform.left(bus).parked).toBe(0);
  });

  test("logs a platform that cannot wait, and waits by itself", async () => {
    const { bus, settle, logged } = testBus({ host: { park: () => Promise.reject(new Error("no timers")) } });
    const code = bus.block();
    bus.exit();
    expect(await settle(code)).toBe(0);
    expect(logged(/platform "testing" cannot wait/)).toBe(1);
  });

  test("throws at the call where the host owns the loop", () => {
    const park = () => {
      throw new TraitError("background", "runs", "frozen", "Cannot wait: the host owns the loop");
    };
    const { bus } = testBus({ host: { park } });
    expect(() => bus.block()).toThrow(TraitError);
    expect(() => bus.run()).toThrow(TraitError);
    expect(bus.state).toBe("initial");
  });
});

describe("run", () => {
  test("starts the bus, and resolves to the exit code at its end", async () => {
    const { bus, platform, settle } = testBus();
    const code = bus.run();
    await settle(bus.wait("run"));
    expect(await outcome(platform, code)).toBe("pending");
    bus.exit(5);
    expect(await settle(code)).toBe(5);
  });

  test("resolves to 70 where the start fails", async () => {
    const { bus, settle } = testBus();
    bus.subscribe("start", fail("broken"));
    expect(await settle(bus.run())).toBe(70);
  });

  test("resolves to 70 where the start cannot begin, and logs why", async () => {
    const { bus, settle, logged } = testBus();
    bus.use({ name: "web", dependsOn: ["db"] });
    expect(await settle(bus.run())).toBe(70);
    expect(logged(/Cannot start component "web": there is no "db"/)).toBe(1);
  });

  test("goes on waiting where a failed start leads to idle", async () => {
    const { bus, settle, platform } = testBus({ onStartFailure: "idle" });
    bus.subscribe("start", fail("not yet"), { once: true });
    const code = bus.run();
    expect(await outcome(platform, code)).toBe("pending");
    await settle(bus.start());
    bus.exit();
    expect(await settle(code)).toBe(70);
  });

  test("resolves to the exit code where the bus has exited", async () => {
    const { bus, settle } = testBus();
    await settle(bus.exit(6));
    expect(await settle(bus.run())).toBe(6);
  });
});
