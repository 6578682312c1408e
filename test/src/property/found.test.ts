/**
 * What random programs have found: each as small as it can be told.
 * @module
 */
import { describe, expect, test } from "vitest";
import { ChannelFailures, type Control, inline, ProcessBus } from "../../../mod.ts";
import { testing } from "../../../platforms/testing.ts";
import { failure, program, turns } from "./_found.ts";

test.each([undefined, null, "no"])(
  "a start that fails with %s hides no failure of another",
  async (error) => {
    const { bus, platform, logged } = program();
    const other = new Error("other");
    bus.use({ name: "a", start: () => Promise.reject(error) });
    bus.use({ name: "b", start: () => turns(2).then(() => Promise.reject(other)) });
    const failed = await platform.settle(failure(bus.start())) as ChannelFailures;
    expect([failed.errors, logged(other)]).toEqual([[error, other], true]);
  },
);

describe("a component's run", () => {
  test("that fails is logged", async () => {
    const { bus, platform, logged, sleep } = program();
    const error = new Error("lost");
    bus.use({
      name: "a",
      run: async () => {
        await sleep(10);
        throw error;
      },
    });
    expect(await platform.settle(bus.run())).toBe(70);
    expect(logged(error)).toBe(true);
  });

  test("that fails while its bus drains does not end the draining", async () => {
    const { bus, platform, note, notes, sleep } = program();
    const error = new Error("cut");
    bus.use({
      name: "a",
      run: (_value, signal) =>
        new Promise((_, reject) => signal.addEventListener("abort", () => reject(error))),
      drain: async () => {
        await sleep(100);
        note("drained");
      },
      stop: () => note("stops"),
    });
    await platform.settle(bus.start());
    const failed = await platform.settle(failure(bus.stop()));
    expect(notes).toEqual(["drained", "stops"]);
    expect((failed as ChannelFailures).errors).toEqual([error]);
  });

  test("and its drain are both told of where both fail", async () => {
    const { bus, platform } = program();
    const errors = [new Error("drain"), new Error("run")];
    bus.use({
      name: "a",
      run: (_value, signal) =>
        new Promise((_, reject) => signal.addEventListener("abort", () => reject(errors[1]))),
      drain: () => Promise.reject(errors[0]),
    });
    await platform.settle(bus.start());
    const failed = await platform.settle(failure(bus.stop())) as ChannelFailures;
    expect(new Set(failed.errors)).toEqual(new Set(errors));
  });

  test("that fails before its component drains is told of all the same", async () => {
    const { bus, platform, sleep } = program();
    const error = new Error("cut");
    bus.use({
      name: "a",
      run: (_value, signal) =>
        new Promise((_, reject) => signal.addEventListener("abort", () => reject(error))),
    });
    bus.subscribe("drain", () => sleep(50), { priority: 10 });
    await platform.settle(bus.start());
    const failed = await platform.settle(failure(bus.stop())) as ChannelFailures;
    expect(failed.errors).toEqual([error]);
  });
});

describe("a call", () => {
  test("that waited for its turn rejects where that turn never comes", async () => {
    const { bus, platform, sleep } = program();
    bus.subscribe("stop", async () => {
      await sleep(10);
      throw new Error("stuck");
    });
    await platform.settle(bus.start());
    const stopped = failure(bus.stop());
    await platform.flush();
    const started = failure(bus.start());
    expect(await platform.settle(started)).toBeInstanceOf(Error);
    expect(await stopped).toBeInstanceOf(ChannelFailures);
  });

  test("is served by a state that settled, whatever the platform asks then", async () => {
    const { bus, platform } = program({}, {
      pulse: (state, settled) => {
        if (state === "run" && settled) void bus.exit();
        if (state === "exit" && settled) void bus.exit();
      },
    });
    const started = bus.start();
    const exit = bus.wait("exit");
    expect(await platform.settle(started)).toBe(undefined);
    expect(await platform.settle(exit)).toBe("exit");
  });
});

describe("a reload", () => {
  test("rolls back what was prepared too late", async () => {
    const { bus, platform, note, notes, sleep } = program({ deadlines: { reload: 100 } });
    bus.subscribe("reload", async () => {
      await sleep(150);
      return { commit: () => note("commit"), rollback: () => note("rollback") };
    });
    await platform.settle(bus.start());
    await failure(platform.settle(bus.reload()));
    await platform.clock.advance(100);
    expect(notes).toEqual(["rollback"]);
  });

  test("rolls back what was prepared when its driver dies", async () => {
    const { bus, platform, note, notes } = program();
    bus.subscribe("reload", () => ({ commit: () => note("commit"), rollback: () => note("rollback") }));
    bus.subscribe("reload", () => new Promise(() => {}));
    await platform.settle(bus.start());
    const reloaded = failure(bus.reload());
    await platform.flush();
    platform.abandon("the request was cut");
    expect(String(await platform.settle(reloaded))).toContain("the request was cut");
    await platform.flush();
    expect(notes).toEqual(["rollback"]);
  });
});

describe("a driver that dies", () => {
  test("takes no failure with it", async () => {
    const { bus, platform, logged } = program();
    const error = new Error("not drained");
    bus.use({ name: "a", drain: () => Promise.reject(error) });
    bus.use({ name: "b", drain: () => new Promise(() => {}) });
    await platform.settle(bus.start());
    const stopped = failure(bus.stop());
    await platform.flush();
    platform.abandon("the request was cut");
    const failed = await platform.settle(stopped) as ChannelFailures;
    expect(failed.errors).toContain(error);
    expect(logged(error)).toBe(true);
  });

  test("leaves a start behind that is stopped when it comes up, and named until then", async () => {
    const { bus, platform, note, notes, sleep } = program({ onStartFailure: "idle" });
    bus.use({ name: "a", start: () => sleep(100), stop: () => note(`stops at ${platform.clock.now()}`) });
    const started = failure(bus.start());
    await platform.clock.advance(10);
    platform.abandon("the request was cut");
    expect(await platform.settle(started)).toBeInstanceOf(ChannelFailures);
    expect(platform.left(bus).running.map(({ name }) => name)).toContain("a");
    await platform.clock.advance(100);
    expect(notes).toEqual(["stops at 100"]);
    expect(platform.left(bus).running).toEqual([]);
  });

  test("removes nothing any more", async () => {
    const { bus, platform, note, notes, sleep } = program();
    const a = bus.use({ name: "a", drain: () => sleep(100), stop: () => note("stops") });
    await platform.settle(bus.start());
    const removed = failure(a.remove());
    await platform.clock.advance(10);
    platform.abandon("the request was cut");
    expect(await removed).toBeInstanceOf(Error);
    await platform.clock.advance(200);
    expect([bus.state, notes]).toEqual(["run", []]);
    await platform.settle(bus.exit());
    expect(notes).toEqual(["stops"]);
  });

  test("and then another, undoes what the second had prepared", async () => {
    const { bus, platform, note, notes } = program();
    const a = bus.use({ name: "a", drain: () => new Promise(() => {}) });
    await platform.settle(bus.start());
    void a.remove();
    await platform.flush();
    platform.abandon("the request was cut");
    bus.subscribe("reload", () => ({ commit: () => note("commit"), rollback: () => note("rollback") }));
    bus.subscribe("reload", () => new Promise(() => {}));
    void bus.reload();
    await platform.flush();
    platform.abandon("the request was cut");
    await platform.flush();
    expect(notes).toEqual(["rollback"]);
  });

  test.each(Array.from({ length: 40 }, (_, count) => count))(
    "in any moment leaves a bus that starts and ends: %i turns on",
    async (count) => {
      const { bus, platform, note, notes } = program({ onStartFailure: "idle" });
      let up = 0;
      bus.use({
        name: "a",
        start: async () => {
          await turns(3);
          if (++up > 1) note("two are up");
        },
        stop: async () => {
          await turns(2);
          up--;
        },
      });
      const error = new Error("no");
      bus.subscribe("start", async () => {
        await turns(2);
        throw error;
      });
      const started = failure(bus.start());
      await turns(count);
      if (platform.control) platform.abandon("the request was cut");
      expect(await platform.settle(started)).toBeInstanceOf(Error);
      await platform.settle(failure(bus.exit()));
      expect([bus.state, up, notes]).toEqual(["exited", 0, []]);
    },
  );
});

test("a successor that hangs can be forced to an end, whatever was asked after the exit", async () => {
  const { bus, platform } = program({}, { respawn: () => new Promise(() => {}) });
  const component = bus.use({ name: "a" });
  const code = bus.run();
  await platform.flush();
  void bus.restart();
  await platform.flush();
  await component.remove();
  platform.deliver("SIGTERM");
  await platform.clock.advance(600);
  platform.deliver("SIGTERM");
  expect(await platform.settle(code)).toBe(143);
});

test("a notice of no time ends a phase at once whose end has passed unnoticed", async () => {
  const { clock } = testing();
  let lost = 0;
  let control: Control | undefined;
  const own = {
    ...inline({ clock: { ...clock, now: () => clock.now() + lost } }),
    attach(given: Control) {
      control = given;
    },
  };
  const bus = new ProcessBus({ platform: { ...own, report() {} }, deadlines: { exit: 40 } });
  bus.subscribe("exit", () => new Promise(() => {}));
  void bus.exit();
  await clock.flush();
  // The process was frozen for half a second, and its timers are late.
  lost = 500;
  control!.request("exit", { by: "host", leftMs: 0 });
  await clock.flush();
  expect([bus.state, clock.now()]).toEqual(["exited", 0]);
});

describe("what the mutations found untested", () => {
  test("the forcing signal's code comes before that of a child", async () => {
    const { bus, platform } = program({}, { respawn: () => Promise.resolve(7) });
    bus.subscribe("exited", () => new Promise(() => {}));
    const code = bus.run();
    await platform.flush();
    void bus.restart();
    await platform.flush();
    platform.deliver("SIGTERM");
    await platform.clock.advance(600);
    platform.deliver("SIGTERM");
    expect(await platform.settle(code)).toBe(143);
    expect(platform.respawns.length).toBe(1);
  });

  test("the code of a child comes before one that was asked for", async () => {
    const { bus, platform } = program({}, { respawn: () => Promise.resolve(7) });
    bus.subscribe("run", (phase) => phase.request("restart", { code: 3 }));
    expect(await platform.settle(bus.run())).toBe(7);
  });

  test("a stronger goal lets a commit finish", async () => {
    const { bus, platform, note, notes, sleep } = program();
    bus.subscribe("reload", () => ({ commit: () => sleep(10_000) }));
    bus.subscribe("drain", () => note(`drains at ${platform.clock.now()}`));
    await platform.settle(bus.start());
    const reloaded = bus.reload();
    await platform.flush();
    await platform.settle(bus.stop());
    expect(await reloaded).toBe(1);
    expect(notes).toEqual(["drains at 10000"]);
  });
});
