import { describe, expect, test } from "vitest";
import { hang } from "../../src/_test_bus.ts";
import { makeHost, NOTICE } from "./_host.ts";

describe("flush", () => {
  test("comes after each invocation where the host gives no notice, by its waitUntil", async () => {
    const { bus, host, settle, serve, did } = makeHost();
    bus.subscribe("flush", () => void did.push("flush"));
    await settle(serve());
    const given: Promise<unknown>[] = [];
    const invocation = { waitUntil: (one: Promise<unknown>) => void given.push(one) };
    await settle(host.run(invocation, async () => void did.push("body")));
    await settle(Promise.all(given));
    expect([did, given.length]).toEqual([["flush", "body", "flush"], 1]);
    expect(() =>
      host.run(invocation, () => {
        throw new Error("broken");
      })
    ).toThrow("broken");
    await settle(Promise.all(given));
    expect([did.length, given.length]).toEqual([4, 2]);
  });

  test("fails no invocation where it fails, and is logged", async () => {
    const { bus, settle, serve, logged } = makeHost();
    bus.subscribe("flush", () => Promise.reject(new Error("no collector")), { name: "traces" });
    expect(await settle(serve())).toBe("served");
    expect(logged({ listener: "traces", channel: "flush", kind: "throw" })).toBe(1);
  });

  test("comes once, in exit, where the host gives notice", async () => {
    const { bus, host, settle, serve, did } = makeHost({ traits: NOTICE });
    bus.subscribe("flush", () => void did.push("flush"));
    bus.subscribe("exit", () => void did.push("exit"));
    await settle(serve());
    expect(did).toEqual([]);
    await settle(host.shutdown({ name: "SIGTERM", leftMs: 1_000 }));
    expect(did).toEqual(["exit", "flush"]);
  });

  test("is cut at the end of the notice, and named", async () => {
    const { bus, host, settle, serve, logged, time } = makeHost({ traits: NOTICE });
    bus.subscribe("flush", hang, { name: "traces" });
    await settle(serve());
    const begun = time.clock.now();
    expect(await settle(host.shutdown({ name: "SIGTERM", leftMs: 500 }))).toBe(70);
    expect(time.clock.now() - begun).toBeLessThanOrEqual(500);
    expect(logged({ listener: "flush", channel: "exit", kind: "timeout" })).toBe(1);
    expect(bus.inspect().channels["flush"]).toMatchObject([{ name: "traces", running: expect.any(Number) }]);
  });
});

describe("thaw", () => {
  const FROZEN = { ...NOTICE, background: "frozen" } as const;

  test("comes before an invocation that comes after a gap, and says how long that was", async () => {
    const { bus, settle, serve, did, time } = makeHost({ traits: FROZEN });
    bus.subscribe("thaw", async (gapMs) => {
      await new Promise<void>((resolve) => void time.clock.setTimer(50, resolve));
      did.push(`thaw ${gapMs}`);
    });
    await settle(serve());
    await time.clock.advance(1_000);
    await settle(serve());
    expect(did).toEqual([]);
    await time.clock.advance(60_000);
    const both = [serve(), serve()];
    expect([await settle(Promise.all(both)), did]).toEqual([["served", "served"], ["thaw 60000"]]);
  });

  test("is told the time since the start, where the start came before the first invocation", async () => {
    const { bus, host, settle, serve, did, time } = makeHost({ traits: FROZEN });
    bus.subscribe("thaw", (gapMs) => void did.push(`thaw ${gapMs}`));
    await settle(host.ready());
    await time.clock.advance(5_000);
    await settle(serve());
    expect(did).toEqual(["thaw 5000"]);
  });

  test("holds no invocation for longer than a start may take, and fails none", async () => {
    const { bus, settle, serve, logged, time } = makeHost({ traits: FROZEN, startWithin: 2_000 });
    bus.subscribe("thaw", hang, { once: true });
    bus.subscribe("thaw", () => {
      throw new Error("no connection");
    }, { name: "db" });
    await settle(serve());
    for (const fields of [{ event: "thaw", ms: 2_000 }, { listener: "db", channel: "thaw", kind: "throw" }]) {
      await time.clock.advance(5_000);
      expect(await settle(serve())).toBe("served");
      expect(logged(fields)).toBe(1);
    }
  });

  test("holds no invocation for longer than half of the time that the host leaves it", async () => {
    const { bus, host, settle, serve, time } = makeHost({ traits: FROZEN });
    bus.subscribe("thaw", hang);
    await settle(serve());
    await time.clock.advance(5_000);
    const deadline = time.clock.time() + 2_000;
    expect(await settle(host.run({ deadline }, (context) => context.left()))).toBe(1_100);
  });

  test("does not come while something is in flight, nor where the host does not freeze", async () => {
    for (const traits of [FROZEN, NOTICE]) {
      const { bus, host, settle, serve, did, time } = makeHost({ traits });
      bus.subscribe("thaw", () => void did.push("thaw"));
      await settle(serve());
      const long = host.run(
        {},
        () => new Promise<void>((resolve) => void time.clock.setTimer(9_000, resolve)),
      );
      await time.clock.advance(traits === FROZEN ? 8_000 : 60_000);
      await settle(serve());
      await settle(long);
      expect(did).toEqual([]);
    }
  });
});
