import { describe, expect, test } from "vitest";
import { fail, hang, type TestBus, testBus } from "./_test_bus.ts";

/** The code that the platform is told at the end. */
async function codeOf({ bus, settle, platform }: TestBus): Promise<number> {
  const code = await settle(bus.block());
  expect(platform.exits).toMatchObject([{ code }]);
  return code;
}

test("the exit code is 0 where nothing failed", async () => {
  const life = testBus();
  life.bus.exit();
  expect(await codeOf(life)).toBe(0);
});

test("the exit code is the first one asked for that is not 0", async () => {
  const life = testBus();
  for (const code of [0, 3, 4]) life.bus.exit(code);
  expect(await codeOf(life)).toBe(3);
});

test("the exit code may be asked for while the bus is on its way to the end", async () => {
  const life = testBus();
  life.bus.subscribe("exit", () => void life.bus.exit(3));
  life.bus.exit();
  expect(await codeOf(life)).toBe(3);
});

test("the exit code may be asked for from inside a phase", async () => {
  const life = testBus();
  life.bus.subscribe("run", (phase) => phase.request("exit", { code: 3 }));
  life.bus.start();
  expect(await codeOf(life)).toBe(3);
});

test("the exit code is the one asked for, where something failed too", async () => {
  const life = testBus();
  life.bus.subscribe("stop", fail("broken"));
  await life.settle(life.bus.start());
  life.bus.exit(3);
  expect(await codeOf(life)).toBe(3);
});

describe("the exit code is 70", () => {
  test.each(["enter", "idle", "start", "run", "drain", "stop", "exit", "exited"] as const)(
    "after a failure in %s",
    async (state) => {
      const life = testBus();
      life.bus.subscribe(state, fail("broken"));
      await life.settle(life.bus.start()).catch(() => {});
      life.bus.exit();
      expect(await codeOf(life)).toBe(70);
    },
  );

  test.each(["enter", "idle", "start", "run", "drain", "stop", "exit", "exited"] as const)(
    "after a missed deadline in %s",
    async (state) => {
      const life = testBus();
      life.bus.subscribe(state, hang);
      await life.settle(life.bus.start()).catch(() => {});
      life.bus.exit();
      expect(await codeOf(life)).toBe(70);
    },
  );

  test("after a failure of an earlier run that was stopped in time", async () => {
    const life = testBus();
    life.bus.subscribe("drain", fail("broken"), { once: true });
    await life.settle(life.bus.start());
    await expect(life.settle(life.bus.stop())).rejects.toMatchObject({ failures: [{ channel: "drain" }] });
    await life.settle(life.bus.start());
    await life.settle(life.bus.exit());
    expect(await codeOf(life)).toBe(70);
  });

  test.each([
    ["start", { start: fail("broken") }],
    ["drain", { drain: fail("broken") }],
    ["stop", { stop: fail("broken") }],
    ["run", { run: () => Promise.reject(new Error("broken")) }],
  ])("where the %s of a component fails", async (_, component) => {
    const life = testBus();
    life.bus.use({ name: "db", ...component });
    await life.settle(life.bus.start()).catch(() => {});
    life.bus.exit();
    expect(await codeOf(life)).toBe(70);
  });

  test("where the work of a component ends while the bus runs", async () => {
    const life = testBus();
    life.bus.use({ name: "db", run: () => Promise.resolve() });
    life.bus.start();
    expect(await codeOf(life)).toBe(70);
  });

  test("where a listener of restart fails", async () => {
    const life = testBus();
    life.bus.subscribe("restart", fail("broken"));
    life.bus.restart();
    expect(await codeOf(life)).toBe(70);
  });

  test("where the platform cannot respawn after all", async () => {
    const life = testBus({ host: { respawn: () => Promise.reject(new Error("no memory")) } });
    life.bus.restart();
    expect(await codeOf(life)).toBe(70);
  });
});

describe("the exit code stays 0", () => {
  test("after a reload that was vetoed", async () => {
    const life = testBus();
    life.bus.subscribe("reload", fail("bad config"));
    await life.settle(life.bus.start());
    await expect(life.settle(life.bus.reload())).rejects.toMatchObject({ name: "ChannelFailures" });
    life.bus.exit();
    expect(await codeOf(life)).toBe(0);
  });

  test("after a late join that failed", async () => {
    const life = testBus();
    await life.settle(life.bus.start());
    await expect(life.settle(life.bus.use({ name: "db", start: fail("broken") }).ready)).rejects.toThrow(
      "broken",
    );
    life.bus.exit();
    expect(await codeOf(life)).toBe(0);
  });

  test("after a remove that failed", async () => {
    const life = testBus();
    const db = life.bus.use({ name: "db", stop: fail("broken") });
    await life.settle(life.bus.start());
    await expect(life.settle(db.remove())).rejects.toThrow("broken");
    life.bus.exit();
    expect(await codeOf(life)).toBe(0);
  });

  test("after a start that was given up", async () => {
    const life = testBus();
    life.bus.subscribe("start", (phase) => phase.delay(10_000));
    life.bus.start();
    await life.platform.flush();
    life.bus.exit();
    expect(await codeOf(life)).toBe(0);
  });
});

describe("after a restart", () => {
  test("it is the code of the child that was waited for", async () => {
    const life = testBus({ host: { respawn: () => Promise.resolve(9) } });
    life.bus.restart();
    expect(await codeOf(life)).toBe(9);
  });

  test("it is what a listener of restart returns, where that is an exit code", async () => {
    const life = testBus();
    life.bus.subscribe("restart", () => Promise.resolve(75));
    life.bus.subscribe("restart", () => "done");
    life.bus.restart();
    expect(await codeOf(life)).toBe(75);
  });

  test("it is 0 where the child is not waited for", async () => {
    const life = testBus({ host: { respawn: true } });
    life.bus.restart();
    expect(await codeOf(life)).toBe(0);
  });

  test("it is the child's, though a code was asked for and something failed", async () => {
    const life = testBus({ host: { respawn: () => Promise.resolve(0) } });
    await life.settle(life.bus.start());
    life.bus.subscribe("drain", fail("broken"));
    life.bus.restart();
    expect(await codeOf(life)).toBe(0);
  });
});

test.each([-1, 256, 1.5, NaN, Infinity, "3", null])("the exit code %o is refused", (code) => {
  const { bus } = testBus();
  expect(() => bus.exit(code as never)).toThrow(RangeError);
  expect(bus.state).toBe("initial");
});

test("a phase refuses it as well", async () => {
  const { bus, settle } = testBus();
  bus.subscribe("start", (phase) => phase.request("exit", { code: 300 }));
  await expect(settle(bus.start())).rejects.toThrow('Cannot request "exit": the exit code is 300');
});
