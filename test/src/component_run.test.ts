import { describe, expect, test } from "vitest";
import type { Signal } from "../../mod.ts";
import { fail, gate, hang, testBus } from "./_test_bus.ts";

describe("run", () => {
  test("gets the value and a signal that aborts when the run ends", async () => {
    const { bus, settle, platform, did } = testBus();
    let running: { readonly aborted: boolean } | undefined;
    bus.use({
      name: "mail",
      start: () => "consumer",
      run(value, signal) {
        did.push(`${value} in ${bus.state}`);
        running = signal;
        return new Promise<void>((resolve) => signal.addEventListener("abort", () => resolve()));
      },
    });
    await settle(bus.start());
    expect([did, running?.aborted]).toEqual([["consumer in run"], false]);
    await settle(bus.exit());
    expect([running?.aborted, platform.exits[0]?.code]).toEqual([true, 0]);
  });

  test("keeps drain open until the work has ended", async () => {
    const { bus, platform, settle } = testBus();
    const last = gate();
    bus.use({ name: "mail", run: () => last.promise });
    await settle(bus.start());
    bus.stop();
    await platform.flush();
    expect(bus.state).toBe("drain");
    last.open();
    await platform.flush();
    expect(bus.state).toBe("idle");
  });

  test.each([
    ["ends", () => Promise.resolve(), 'Component "mail" has ended its run while the bus was running'],
    ["fails", () => Promise.reject(new Error("lost")), "lost"],
    ["throws", fail("lost"), "lost"],
  ])("that %s while the bus runs asks for exit with 70, and is told", async (_, run, message) => {
    const { bus, platform, settle, records } = testBus();
    bus.use({ name: "mail", run });
    const reasons: unknown[] = [];
    bus.subscribe("drain", ({ reason }) => void reasons.push(reason));
    await settle(bus.start()).catch(() => {});
    await settle(bus.block());
    expect(platform.exits).toMatchObject([{ code: 70 }]);
    expect(reasons).toMatchObject([{ by: "error", code: 70, error: { message } }]);
    expect(records.some(({ level, error }) => level === "error" && (error as Error)?.message === message))
      .toBe(true);
  });

  test("that fails by its signal, as the bus drains, is no failure", async () => {
    const { bus, platform, settle } = testBus();
    bus.use({
      name: "mail",
      run: (_, signal) =>
        new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason))),
    });
    await settle(bus.start());
    await settle(bus.exit());
    expect(platform.exits).toMatchObject([{ code: 0 }]);
  });

  test("that fails of its own as the bus drains is a failure of drain", async () => {
    const { bus, settle } = testBus();
    bus.use({
      name: "mail",
      run: (_, signal) =>
        new Promise((_, reject) => signal.addEventListener("abort", () => reject(new Error("lost")))),
    });
    await settle(bus.start());
    await expect(settle(bus.exit())).rejects.toMatchObject({
      failures: [{ channel: "drain", listener: "mail" }],
    });
  });

  test("that outlasts the drain is late, and the bus goes on", async () => {
    const { bus, settle, platform } = testBus({ deadlines: { drain: 100 } });
    bus.use({ name: "mail", run: hang });
    await settle(bus.start());
    await expect(settle(bus.exit())).rejects.toMatchObject({
      failures: [{ channel: "drain", listener: "mail", kind: "timeout" }],
    });
    expect(platform.clock.now()).toBe(100);
  });

  test("goes on where another component is removed", async () => {
    const { bus, settle, platform } = testBus();
    const work = (_: unknown, signal: Signal) =>
      new Promise<void>((resolve) => signal.addEventListener("abort", () => resolve()));
    const mail = bus.use({ name: "mail", run: work });
    bus.use({ name: "jobs", run: work });
    await settle(bus.start());
    await settle(mail.remove());
    expect([mail.status, bus.state, platform.clock.now()]).toEqual(["removed", "run", 0]);
    await settle(bus.exit());
    expect(platform.clock.now()).toBe(0);
  });
});
