import { describe, expect, test } from "vitest";
import type { Goal } from "../../mod.ts";
import { aborted, reloadBus } from "./_reload_bus.ts";
import { context, fail, gate, hang, outcome, testBus } from "./_test_bus.ts";

describe("asked while another reload is under way", () => {
  test("calls fold into one more, with the latest details", async () => {
    const { bus, platform, settle } = await reloadBus();
    const first = gate();
    const seen: unknown[] = [];
    bus.subscribe("reload", ({ details }) => void seen.push(details));
    bus.subscribe("reload", () => first.promise, { once: true });
    const calls = [bus.reload("a"), bus.reload("b"), bus.reload("c")];
    await platform.flush();
    first.open();
    expect(await settle(Promise.all(calls))).toEqual([1, 2, 2]);
    expect(seen).toEqual(["a", "c"]);
  });

  test("each call has a promise of its own", async () => {
    const { bus } = await reloadBus();
    expect(bus.reload()).not.toBe(bus.reload());
  });

  test("from inside it rejects at once where the platform knows who asks, and counts", async () => {
    const { bus, settle, platform } = await reloadBus({ host: { context: context() } });
    let inner: Promise<number> | undefined;
    bus.subscribe("reload", () => void (inner = bus.reload()), { once: true });
    expect(await settle(bus.reload())).toBe(1);
    await expect(inner).rejects.toMatchObject({ name: "TransitionError", kind: "reentrant" });
    await platform.flush();
    expect(bus.inspect().generation).toBe(2);
  });
});

describe("asked elsewhere than in run", () => {
  test("it waits for its turn while the bus is on its way there", async () => {
    const { bus, settle, did } = testBus();
    bus.subscribe("start", (phase) => phase.delay(100));
    bus.subscribe("run", () => void did.push("run"));
    bus.subscribe("reload", () => void did.push("reload"));
    bus.start();
    expect(await settle(bus.reload())).toBe(1);
    expect(did).toEqual(["run", "reload"]);
  });

  test("it waits through a graceful restart", async () => {
    const { bus, platform, settle } = await reloadBus();
    bus.subscribe("drain", (phase) => phase.delay(100));
    bus.graceful();
    await platform.flush();
    expect(await settle(bus.reload())).toBe(1);
    expect(bus.state).toBe("run");
  });

  test("it waits for a start that waits for its turn", async () => {
    const { bus, platform, settle } = await reloadBus();
    bus.subscribe("drain", (phase) => phase.delay(100));
    bus.stop();
    await platform.flush();
    bus.start();
    expect(await settle(bus.reload())).toBe(1);
  });

  test("it rejects at rest", async () => {
    const { bus, settle } = testBus();
    const unreachable = { name: "TransitionError", kind: "unreachable", target: "reload" };
    await expect(bus.reload()).rejects.toMatchObject({ ...unreachable, state: "initial" });
    await settle(bus.start());
    await settle(bus.stop());
    await expect(bus.reload()).rejects.toMatchObject({ ...unreachable, state: "idle" });
  });

  test.each(["stop", "exit"] as const)("it rejects on the way of %s", async (goal) => {
    const { bus, settle } = await reloadBus();
    const done = bus[goal]();
    await expect(bus.reload()).rejects.toMatchObject({ kind: "unreachable" });
    await settle(done);
  });

  test("it rejects where the start that it waits for fails", async () => {
    const { bus, settle } = testBus();
    bus.subscribe("start", (phase) => phase.delay(10).then(fail("broken")));
    bus.start();
    await expect(settle(bus.reload())).rejects.toMatchObject({ name: "TransitionError" });
  });
});

describe("overtaken by a stronger goal", () => {
  test.each(["stop", "exit", "graceful", "restart"] as Goal[])(
    "%s aborts the preparing, rolls back, and rejects it",
    async (goal) => {
      const { bus, platform, settle, did, prepare } = await reloadBus({ host: { respawn: true } });
      bus.subscribe("reload", prepare("first"));
      bus.subscribe("reload", aborted, { once: true });
      bus.subscribe("reload", prepare("last"));
      const reloaded = bus.reload();
      await platform.flush();
      await settle(bus[goal as "stop"]());
      await expect(reloaded).rejects.toMatchObject({
        name: "TransitionError",
        kind: "superseded",
        target: "reload",
      });
      expect(did).toEqual(["prepare first 1", "rollback first"]);
      expect(platform.clock.now()).toBe(0);
    },
  );

  test.each(["stop", "exit"] as const)("%s rejects one that waits, too", async (goal) => {
    const { bus, platform, settle } = await reloadBus();
    bus.subscribe("reload", aborted);
    bus.reload();
    const waiting = bus.reload();
    await platform.flush();
    await settle(bus[goal]());
    await expect(waiting).rejects.toMatchObject({ name: "TransitionError" });
  });

  test("graceful leaves one that waits its turn", async () => {
    const { bus, platform, settle } = await reloadBus();
    bus.subscribe("reload", aborted, { once: true });
    bus.reload();
    const waiting = bus.reload();
    await platform.flush();
    bus.graceful();
    expect(await settle(waiting)).toBe(1);
  });

  test("stop does not cut a commit short", async () => {
    const { bus, platform, settle, did, prepare } = await reloadBus();
    const committed = gate();
    bus.subscribe("reload", prepare("first", { commit: () => committed.promise }));
    bus.subscribe("reload", prepare("second"));
    const reloaded = bus.reload();
    await platform.flush();
    const stopped = bus.stop();
    expect(await outcome(platform, stopped)).toBe("pending");
    expect(bus.state).toBe("run");
    committed.open();
    await settle(stopped);
    expect([await reloaded, did.at(-1)]).toEqual([1, "commit second"]);
  });

  test("waits no longer than settle for one that looks at no signal", async () => {
    const { bus, platform, settle } = await reloadBus();
    bus.subscribe("reload", hang, { name: "deaf" });
    const reloaded = bus.reload();
    await platform.flush();
    await settle(bus.exit());
    expect(platform.clock.now()).toBe(5000);
    await expect(reloaded).rejects.toMatchObject({ failures: [{ listener: "deaf", kind: "timeout" }] });
    expect(platform.exits).toMatchObject([{ code: 0 }]);
  });
});
