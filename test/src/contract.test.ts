/** What the platform and components may do, beside what has a file of its own. */
import { describe, expect, test } from "vitest";
import type { BusLike, Component, Guest, ProcessBus, Reload } from "../../mod.ts";
import { reloadBus } from "./_reload_bus.ts";
import { fail, hang, outcome, stay, testBus } from "./_test_bus.ts";

describe("a platform's confirm", () => {
  test("comes between the last prepare and the first commit", async () => {
    const order: string[] = [];
    const life = withConfirm(async ({ generation, details }) => {
      await undefined;
      order.push(`confirm ${generation} ${details}`);
      return "anything";
    });
    for (const name of ["a", "b"]) {
      life.bus.subscribe("reload", () => {
        order.push(`prepare ${name}`);
        return { commit: () => order.push(`commit ${name}`) };
      });
    }
    await life.settle(life.bus.start());
    expect(await life.settle(life.bus.reload("now"))).toBe(1);
    expect(order).toEqual(["prepare a", "prepare b", "confirm 1 now", "commit a", "commit b"]);
  });

  test("vetoes by rejecting: all is rolled back, and the generation is left", async () => {
    const order: string[] = [];
    let allows = false;
    const { bus, settle } = withConfirm(() =>
      allows ? undefined : Promise.reject(new Error("the site does not"))
    );
    bus.subscribe(
      "reload",
      () => ({ commit: () => order.push("commit"), rollback: () => order.push("rollback") }),
    );
    await settle(bus.start());
    expect(String(await settle(bus.reload().catch(String)))).toContain("the site does not");
    allows = true;
    expect(await settle(bus.reload())).toBe(1);
    expect(order).toEqual(["rollback", "commit"]);
  });

  test("that hangs is a veto when the reload's time is over", async () => {
    const { bus, settle, platform } = withConfirm(hang);
    await settle(bus.start());
    expect(String(await settle(bus.reload().catch(String)))).toContain(
      "confirm (reload) timed out after 30000 ms",
    );
    expect(platform.clock.now()).toBe(30_000);
  });

  test("is not asked where a listener has vetoed", async () => {
    let asked = 0;
    const { bus, settle } = withConfirm(() => void asked++);
    bus.subscribe("reload", fail("veto"));
    await settle(bus.start());
    await settle(bus.reload().catch(() => {}));
    expect(asked).toBe(0);
  });
});

/** A bus whose platform confirms reloads. */
function withConfirm(confirm: (reload: Reload) => unknown) {
  return testBus({ alter: (platform) => void (platform.confirm = confirm as (reload: Reload) => void) });
}

describe("a platform's reload", () => {
  test("has the generation that it is given, resolves to the commits that failed, and the bus counts on from there", async () => {
    const { bus, platform, settle } = testBus();
    const seen: number[] = [];
    bus.subscribe("reload", ({ generation }) => {
      seen.push(generation);
      return { commit: fail("half") };
    }, { name: "half" });
    await settle(bus.start());
    const failures = await settle(platform.control!.reload("details", { generation: 7 }));
    expect(failures).toMatchObject([{ listener: "half", channel: "reload", kind: "throw" }]);
    expect(bus.inspect().generation).toBe(7);
    expect(await settle(bus.reload())).toBe(8);
    expect(seen).toEqual([7, 8]);
  });

  test("rejects where a listener vetoes", async () => {
    const { bus, platform, settle } = testBus();
    bus.subscribe("reload", fail("veto"));
    await settle(bus.start());
    expect(String(await settle(platform.control!.reload(1, { generation: 3 }).catch(String)))).toContain(
      "veto",
    );
    expect(bus.inspect().generation).toBe(0);
  });

  test("folds into no other where it has a generation", async () => {
    const { bus, platform, settle } = testBus();
    const seen: unknown[] = [];
    bus.subscribe("reload", ({ generation, details }) => void seen.push([generation, details]));
    await settle(bus.start());
    const all = [
      bus.reload("a"),
      platform.control!.reload("b", { generation: 5 }),
      bus.reload("c"),
      bus.reload("d"),
    ];
    await settle(Promise.all(all));
    expect(seen).toEqual([[1, "a"], [5, "b"], [6, "d"]]);
  });

  test("is given up by its signal: all is rolled back", async () => {
    const { bus, platform, did, prepare } = await reloadBus();
    const controller = new AbortController();
    bus.subscribe("reload", prepare("a"));
    bus.subscribe(
      "reload",
      ({ signal }) => new Promise((_, no) => signal.addEventListener("abort", () => no(signal.reason))),
    );
    const reloaded = platform.control!.reload(1, { generation: 2, signal: controller.signal });
    await platform.flush();
    controller.abort(new Error("the site gives up"));
    expect(String(await outcome(platform, reloaded))).toBe("Error: the site gives up");
    expect([did, bus.inspect().generation]).toEqual([["prepare a 2", "rollback a"], 0]);
  });
});

describe("a reload with a signal", () => {
  test("rejects with the signal's reason, and calls nobody where it has aborted before", async () => {
    const { bus, platform, did, prepare } = await reloadBus();
    bus.subscribe("reload", prepare("a"));
    expect(await outcome(platform, bus.reload(1, { signal: AbortSignal.abort("no") }))).toBe("no");
    expect(did).toEqual([]);
  });

  test("is not begun where it is given up while it waits", async () => {
    const { bus, platform, settle, did, prepare } = await reloadBus();
    const controller = new AbortController();
    bus.subscribe("reload", prepare("a"));
    const first = bus.reload();
    const second = outcome(platform, bus.reload(2, { signal: controller.signal }));
    controller.abort("no");
    expect([await settle(first), await second]).toEqual([1, "no"]);
    expect(did).toEqual(["prepare a 1", "commit a"]);
  });

  test("goes on for the callers that have not given it up", async () => {
    const { bus, platform, settle } = testBus();
    const controller = new AbortController();
    bus.subscribe(
      "reload",
      () => new Promise((resolve) => void platform.clock.setTimer(10, () => resolve(undefined))),
    );
    const started = settle(bus.start());
    const given = bus.reload(1, { signal: controller.signal }).catch((reason: unknown) => reason);
    const kept = bus.reload(2);
    await started;
    controller.abort("no");
    expect(await given).toBe("no");
    expect(await settle(kept)).toBe(1);
  });

  test("commits to its end, though its signal aborts meanwhile", async () => {
    const { bus, settle, platform } = await reloadBus();
    const controller = new AbortController();
    bus.subscribe("reload", () => ({ commit: () => controller.abort("too late") }));
    expect(await settle(bus.reload(1, { signal: controller.signal }))).toBe(1);
    expect(platform.clock.pending).toBe(0);
  });
});

describe("drainWithin", () => {
  test("ends the drain of one component alone", async () => {
    const life = testBus();
    const { bus, settle } = life;
    bus.use({ name: "web", drain: hang, drainWithin: 300 });
    bus.use({ name: "mail", drain: (_, phase) => phase.delay(500) });
    await settle(bus.start());
    expect(String(await settle(bus.stop().catch(String)))).toContain("web (drain) timed out after 300 ms");
    expect(stay(life, "drain")).toBe(500);
  });

  test("aborts the signal of that component alone", async () => {
    const { bus, settle, platform } = testBus();
    const aborted: [string, number][] = [];
    for (const [name, drainWithin] of [["web", 1_000], ["mail", undefined]] as const) {
      bus.use({
        name,
        ...drainWithin && { drainWithin },
        drain: (_, { signal }) =>
          new Promise<void>((resolve) =>
            signal.addEventListener("abort", () => {
              aborted.push([name, platform.clock.now()]);
              resolve();
            })
          ),
      });
    }
    await settle(bus.start());
    await settle(bus.stop());
    expect(aborted).toEqual([["web", 900], ["mail", 9_750]]);
  });
});

describe("onEnd", () => {
  test('"exit" makes the good end of the work the end of the program, with 0', async () => {
    const { bus, settle, logged } = testBus();
    bus.use({ name: "job", run: async () => {}, onEnd: "exit" });
    expect(await settle(bus.run())).toBe(0);
    expect(logged(/"job" has ended its work, which ends the program/)).toBe(1);
  });

  test.each([undefined, "fail"] as const)("%s makes it a failure, with 70", async (onEnd) => {
    const { bus, settle } = testBus();
    bus.use({ name: "job", run: async () => {}, ...onEnd && { onEnd } });
    expect(await settle(bus.run())).toBe(70);
  });

  test('"exit" does not make a failure good', async () => {
    const { bus, settle } = testBus();
    bus.use({ name: "job", run: () => Promise.reject(new Error("no")), onEnd: "exit" });
    expect(await settle(bus.run())).toBe(70);
  });

  test("is refused where it is none", () => {
    const { bus } = testBus();
    expect(() => bus.use({ name: "job", onEnd: "restart" as "exit" })).toThrow(
      '"onEnd" is "restart", expected "fail" or "exit"',
    );
  });
});

describe("use names the field that is wrong", () => {
  test.each<[object, string]>([
    [{ name: "a", startWithn: 5 }, 'unknown option "startWithn"'],
    [{ name: "a", start: 5 }, '"start" is 5, expected a function'],
    [{ name: "a", dependsOn: "db" }, '"dependsOn" is "db", expected a list of names or "all"'],
    [{ name: "a", dependsOn: [5] }, '"dependsOn" is an object, expected a list of names or "all"'],
    [{ name: "a", join: "later" }, '"join" is "later", expected "now" or "next"'],
    [{ name: "a", drainWithin: -1 }, '"drainWithin" is -1, expected milliseconds'],
    [{ name: "" }, 'the name is "", expected a string that is not empty'],
    [{ start() {} }, "the name is undefined, expected a string that is not empty"],
  ])("%o", (component, text) => {
    const { bus } = testBus();
    expect(() => bus.use(component as Component)).toThrow(text);
    expect(bus.inspect().components).toEqual([]);
  });
});

describe("abandon", () => {
  test.each(["state", "settled"])(
    "out of a listener of the record %s enters and settles no state twice",
    async (of) => {
      const { bus, platform, settle } = testBus();
      let times = 0;
      bus.subscribe("log", ({ event, state }) => {
        if (event === of && state === "drain" && ++times === 1) platform.abandon("the request was cut");
      });
      bus.subscribe("drain", (phase) => phase.delay(5));
      await settle(bus.start());
      await settle(bus.exit()).catch(() => {});
      await settle(bus.wait("exited"));
      const states = ["enter", "idle", "start", "run", "drain", "stop", "idle", "exit", "exited"];
      expect(platform.pulses.map(({ state, settled }) => `${state} ${settled}`)).toEqual(
        states.flatMap((state) => [`${state} false`, `${state} true`]),
      );
    },
  );

  test("lets go of what is held by the context that is gone", async () => {
    const life = testBus();
    const { bus, platform, settle } = life;
    const handle = bus.use({ name: "a", drain: hang });
    await settle(bus.start());
    void bus.hold(hang());
    void handle.remove().catch(() => {});
    await platform.flush();
    platform.abandon("the request was cut");
    expect(bus.inspect().held).toEqual([]);
  });

  test("aborts the signal of the listener that it leaves behind, and its delay leaves no timer", async () => {
    const { bus, platform, settle } = testBus();
    let aborted = false;
    bus.subscribe("stop", async (phase) => {
      phase.signal.addEventListener("abort", () => aborted = true);
      await phase.delay(60_000);
    });
    await settle(bus.start());
    void bus.exit();
    await platform.flush();
    platform.abandon("the request was cut");
    await settle(bus.wait("exited"));
    expect([aborted, platform.clock.pending, platform.clock.now()]).toEqual([true, 0, 0]);
  });
});

describe("a report", () => {
  test('has a channel named "__proto__" like any other', () => {
    const { bus } = testBus();
    (bus as unknown as Guest).subscribe("__proto__", function odd() {});
    const { channels } = bus.inspect();
    expect(Object.hasOwn(channels, "__proto__")).toBe(true);
    expect(Object.entries(channels).find(([name]) => name === "__proto__")?.[1]).toEqual([{
      name: "odd",
      priority: 50,
    }]);
  });
});

describe("the failures of a transition", () => {
  test("are another list, with other entries, for each caller, and cannot be changed", async () => {
    const { bus, settle } = testBus();
    bus.subscribe("start", fail("no"));
    const caught = await settle(
      Promise.all([bus.start(), bus.start()].map((started) => started.catch((e: unknown) => e))),
    );
    const [a, b] = caught as { failures: object[]; errors: unknown[] }[];
    expect(a!.failures).toEqual(b!.failures);
    expect([a === b, a!.failures === b!.failures, a!.failures[0] === b!.failures[0], a!.errors === b!.errors])
      .toEqual([false, false, false, false]);
    expect([Object.isFrozen(a!.failures), Object.isFrozen(a!.failures[0])]).toEqual([true, true]);
  });
});

test("a bus and a guest are what a framework is handed", () => {
  // The types are held by the compiler.
  const takes = (bus: BusLike): string => bus.name;
  const bus: ProcessBus = testBus({ name: "site" }).bus;
  const asGuest = (guest: Guest): BusLike => guest;
  expect([takes(bus), typeof asGuest]).toEqual(["site", "function"]);
});
