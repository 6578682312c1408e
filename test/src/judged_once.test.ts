import { expect, test } from "vitest";
import { type Clock, inline, ProcessBus } from "../../mod.ts";
import { testBus } from "./_test_bus.ts";

test("a then that throws is the failure of its listener, with what it threw", async () => {
  const { bus, settle } = testBus();
  const lost = new Error("lost");
  bus.subscribe("start", () => ({
    then() {
      throw lost;
    },
  }), { name: "odd" });
  await expect(settle(bus.start())).rejects.toMatchObject({
    failures: [{ listener: "odd", kind: "throw", error: lost }],
  });
});

test("an error that throws when it is looked at is no abort, though a request has aborted its phase", async () => {
  const { bus, platform, settle } = testBus();
  const odd = Object.defineProperty({}, "name", {
    get() {
      throw new Error("do not look");
    },
  });
  bus.subscribe(
    "start",
    ({ signal }) => new Promise((_, reject) => signal.addEventListener("abort", () => reject(odd))),
    { name: "odd" },
  );
  bus.start();
  await platform.flush();
  await expect(settle(bus.exit())).rejects.toMatchObject({ failures: [{ listener: "odd", kind: "throw" }] });
  expect(await settle(bus.block())).toBe(70);
});

test("a clock that fails between two listeners of the stop keeps the bus from nothing but the rest of that state", async () => {
  let failing = 0;
  const clock: Clock = {
    time: () => Date.now(),
    now() {
      if (failing-- > 0) throw new Error("the clock has stopped");
      return performance.now();
    },
    setTimer(ms, fire) {
      const timer = setTimeout(fire, Math.min(ms, 2 ** 31 - 1));
      return () => clearTimeout(timer);
    },
  };
  const bus = new ProcessBus({ platform: inline({ clock }) });
  bus.subscribe("log", () => {});
  bus.subscribe("stop", async () => {
    await Promise.resolve();
    failing = 1;
  });
  bus.subscribe("stop", () => {});
  await bus.start();
  await expect(bus.exit()).rejects.toThrow("the clock has stopped");
  expect([bus.state, await bus.block()]).toEqual(["exited", 70]);
});
