import { describe, expect, test } from "vitest";
import type { Prepared } from "../../mod.ts";
import { aborted, reloadBus } from "./_reload_bus.ts";
import { fail, gate, hang, type TestBus, testBus } from "./_test_bus.ts";

function isQuiet({ bus, platform }: TestBus): void {
  expect([bus.state, bus.settled, platform.clock.pending]).toEqual(["run", true, 0]);
}

describe("a reload", () => {
  test("prepares all in order, then commits all in order", async () => {
    const { bus, settle, did, prepare } = await reloadBus();
    bus.subscribe("reload", prepare("second"));
    bus.subscribe("reload", prepare("first"), { priority: 10 });
    await settle(bus.reload());
    expect(did).toEqual(["prepare first 1", "prepare second 1", "commit first", "commit second"]);
  });

  test("resolves to its generation, with no listener either", async () => {
    const life = await reloadBus();
    expect(await life.settle(life.bus.reload())).toBe(1);
    expect(await life.settle(life.bus.reload())).toBe(2);
    expect(life.bus.inspect().generation).toBe(2);
    isQuiet(life);
  });

  test("hands its details on", async () => {
    const { bus, settle } = await reloadBus();
    const details = { file: "config.json" };
    const seen: unknown[] = [];
    bus.subscribe("reload", (reload) => void seen.push(reload.details));
    await settle(bus.reload(details));
    expect(seen).toEqual([details]);
  });

  test("awaits each step before the next", async () => {
    const { bus, platform, did, prepare } = await reloadBus();
    const [prepared, committed] = [gate<Prepared>(), gate()];
    bus.subscribe("reload", () => prepared.promise);
    bus.subscribe("reload", prepare("second"));
    const reloaded = bus.reload();
    await platform.flush();
    expect(did).toEqual([]);
    prepared.open({ commit: () => committed.promise });
    await platform.flush();
    expect(did).toEqual(["prepare second 1"]);
    committed.open();
    await reloaded;
    expect(did).toEqual(["prepare second 1", "commit second"]);
  });

  test("asks components first, dependencies before dependants, among those of priority 50", async () => {
    const { bus, settle, did } = testBus();
    const note = (name: string) => () => void did.push(name);
    bus.use({ name: "web", dependsOn: ["db"], reload: note("web") });
    bus.use({ name: "db", reload: note("db") });
    bus.use({ name: "still" });
    bus.subscribe("reload", note("late"));
    bus.subscribe("reload", note("early"), { priority: 49 });
    await settle(bus.start());
    await settle(bus.reload());
    expect(did).toEqual(["early", "db", "web", "late"]);
  });

  test("hands a component its value", async () => {
    const { bus, settle } = testBus();
    const seen: unknown[] = [];
    bus.use({
      name: "db",
      start: () => "connection",
      reload: (value, { generation }) => void seen.push([value, generation]),
    });
    await settle(bus.start());
    await settle(bus.reload());
    expect(seen).toEqual([["connection", 1]]);
  });

  test("does not ask a component that is not up", async () => {
    const { bus, settle, did, note } = testBus();
    await settle(bus.start());
    bus.use({ name: "db", join: "next", reload: note("db") as never });
    await settle(bus.reload());
    expect(did).toEqual([]);
  });
});

describe("a veto", () => {
  test("rolls back in reverse, asks no further listener, and rejects", async () => {
    const life = await reloadBus();
    const { bus, settle, did, prepare } = life;
    bus.subscribe("reload", prepare("first"));
    bus.subscribe("reload", prepare("second"));
    bus.subscribe("reload", fail("bad config"), { name: "config" });
    bus.subscribe("reload", prepare("last"));
    await expect(settle(bus.reload())).rejects.toMatchObject({
      name: "ChannelFailures",
      failures: [{ channel: "reload", listener: "config", kind: "throw" }],
    });
    expect(did).toEqual(["prepare first 1", "prepare second 1", "rollback second", "rollback first"]);
    isQuiet(life);
  });

  test("uses up no generation", async () => {
    const { bus, settle } = await reloadBus();
    bus.subscribe("reload", fail("bad config"), { once: true });
    await settle(bus.reload()).catch(() => {});
    expect(await settle(bus.reload())).toBe(1);
  });

  test("may be a rejection, or a component's", async () => {
    const { bus, settle, did } = testBus();
    bus.use({ name: "db", reload: () => Promise.reject(new Error("no such host")) });
    bus.subscribe("reload", () => void did.push("asked"));
    await settle(bus.start());
    await expect(settle(bus.reload())).rejects.toMatchObject({ failures: [{ listener: "db" }] });
    expect(did).toEqual([]);
  });

  test.each([null, 7, "done", {}, { rollback() {} }, { commit: true }])(
    "is what returns %o",
    async (made) => {
      const { bus, settle } = await reloadBus();
      bus.subscribe("reload", () => made, { name: "config" });
      await expect(settle(bus.reload())).rejects.toThrow('Cannot prepare the reload: "config" returned');
    },
  );

  test("is what takes longer than the deadline", async () => {
    const { bus, settle, platform, did, prepare } = await reloadBus({ deadlines: { reload: 200 } });
    bus.subscribe("reload", prepare("first"));
    bus.subscribe("reload", hang, { name: "slow" });
    await expect(settle(bus.reload())).rejects.toMatchObject({
      failures: [{ listener: "slow", kind: "timeout", ms: 200 }],
    });
    expect([did, platform.clock.now()]).toEqual([["prepare first 1", "rollback first"], 200]);
  });

  test("is what takes longer than its own within", async () => {
    const { bus, settle, platform } = await reloadBus();
    bus.subscribe("reload", aborted, { within: 100 });
    await expect(settle(bus.reload())).rejects.toMatchObject({ failures: [{ kind: "timeout" }] });
    expect(platform.clock.now()).toBe(90);
  });

  test("rolls back what was prepared too late, when it comes", async () => {
    const { bus, settle, platform, did, prepare } = await reloadBus({ deadlines: { reload: 200 } });
    const late = gate();
    bus.subscribe("reload", (reload) => late.promise.then(() => prepare("late")(reload)));
    await settle(bus.reload()).catch(() => {});
    late.open();
    await platform.flush();
    expect(did).toEqual(["prepare late 1", "rollback late"]);
  });

  test("rolls back all, though one rollback fails, which is logged", async () => {
    const { bus, settle, did, prepare, logged } = await reloadBus();
    bus.subscribe("reload", prepare("first"));
    bus.subscribe("reload", prepare("second", { rollback: fail("stuck") }), { name: "second" });
    bus.subscribe("reload", fail("bad config"), { name: "config" });
    await expect(settle(bus.reload())).rejects.toMatchObject({ failures: [{ listener: "config" }] });
    expect(did.slice(2)).toEqual(["rollback second", "rollback first"]);
    expect(logged(/"second" on "reload" failed: stuck/)).toBe(1);
  });
});

describe("a commit that fails", () => {
  test("is logged, the others run, and the reload resolves", async () => {
    const { bus, settle, did, prepare, logged } = await reloadBus();
    bus.subscribe("reload", prepare("first", { commit: fail("disk full") }), { name: "first" });
    bus.subscribe("reload", prepare("second"));
    expect(await settle(bus.reload())).toBe(1);
    expect(did.slice(2)).toEqual(["commit first", "commit second"]);
    expect(logged(/"first" on "reload" failed: disk full/)).toBe(1);
  });

  test("by taking too long is named, and keeps the others no longer", async () => {
    const { bus, settle, platform, did, prepare, logged } = await reloadBus({ deadlines: { reload: 200 } });
    bus.subscribe("reload", prepare("first", { commit: hang }), { name: "first" });
    bus.subscribe("reload", prepare("second"));
    expect(await settle(bus.reload())).toBe(1);
    expect([did.at(-1), platform.clock.now()]).toEqual(["commit second", 200]);
    expect(logged(/"first" on "reload" failed: .*still runs after 200 ms/)).toBe(1);
  });
});
