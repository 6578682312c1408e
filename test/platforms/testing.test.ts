import { describe, expect, test } from "vitest";
import { testing } from "../../platforms/testing.ts";
import type { Control, Reason } from "../../mod.ts";
import { conformance } from "./conformance.ts";

conformance("testing", () => {
  const platform = testing({ respawn: true });
  const { clock } = platform;
  return {
    platform,
    deliver: platform.deliver,
    notice: platform.notice,
    exitCode: () => platform.exits.at(-1)?.code,
    advance: clock.advance,
    settle: (promise) => platform.settle(promise),
    left: () => clock.pending > 0 ? [`${clock.pending} timers`] : [],
  };
}, {
  parks: true,
  signals: true,
  notices: true,
  exitCode: true,
  context: "no runtime is asked for its asynchronous context; a test may give one",
  exclusive: true,
  respawns: true,
});

type Asked = [goal: string, reason: Reason];

/** A control that only notes what it was asked. */
function control(asked: Asked[]): Control {
  return {
    bus: "site",
    state: "run",
    settled: true,
    request: (goal, reason) => {
      asked.push([goal, reason]);
    },
    reload: () => Promise.resolve([]),
    abandon: (reason) => {
      asked.push(["abandon", { by: "host", name: reason }]);
    },
    log: () => {},
  };
}

describe("the virtual clock", () => {
  test("begins at 0 and at the first second of 2026", () => {
    const { clock } = testing();
    expect(clock.now()).toBe(0);
    expect(new Date(clock.time()).toISOString()).toBe("2026-01-01T00:00:00.000Z");
  });

  test("begins at the wall time it is given", async () => {
    const { clock } = testing({ clock: 1000 });
    await clock.advance(20);
    expect(clock.time()).toBe(1020);
    expect(clock.now()).toBe(20);
  });

  test("moves only when it is advanced", async () => {
    const { clock } = testing();
    let fired = false;
    clock.setTimer(10, () => {
      fired = true;
    });
    await clock.flush();
    expect([clock.now(), fired]).toEqual([0, false]);
    await clock.advance(9);
    expect(fired).toBe(false);
    await clock.advance(1);
    expect(fired).toBe(true);
  });

  test("fires timers in order of time, then of setting", async () => {
    const { clock } = testing();
    const fired: string[] = [];
    for (const [ms, name] of [[20, "c"], [10, "a"], [10, "b"], [30, "late"]] as const) {
      clock.setTimer(ms, () => fired.push(`${name}@${clock.now()}`));
    }
    await clock.advance(25);
    expect(fired).toEqual(["a@10", "b@10", "c@20"]);
    expect([clock.now(), clock.pending, clock.next]).toEqual([25, 1, 30]);
  });

  test("runs all microtasks between two timers that are due at once", async () => {
    const { clock } = testing();
    const seen: string[] = [];
    clock.setTimer(5, () => {
      void (async () => {
        for (let i = 0; i < 60; i++) await undefined;
        seen.push("first is done");
      })();
    });
    clock.setTimer(5, () => seen.push("second"));
    await clock.advance(5);
    expect(seen).toEqual(["first is done", "second"]);
  });

  test("fires what a firing timer sets when that is due within the same advance", async () => {
    const { clock } = testing();
    const at: number[] = [];
    const again = (): void => {
      at.push(clock.now());
      if (at.length < 4) clock.setTimer(10, again);
    };
    clock.setTimer(10, again);
    await clock.advance(35);
    expect(at).toEqual([10, 20, 30]);
  });

  test("does not fire a timer that was undone, and counts those that are left", async () => {
    const { clock } = testing();
    const undo = clock.setTimer(10, () => expect.fail("was undone"));
    expect(clock.pending).toBe(1);
    undo();
    undo();
    expect([clock.pending, clock.next]).toEqual([0, undefined]);
    await clock.advance(20);
  });

  test("flushes until the bus is quiet, however long its chain of promises", async () => {
    const { clock } = testing();
    let done = false;
    void (async () => {
      for (let i = 0; i < 5000; i++) {
        await undefined;
        if (i % 50 === 0) clock.now();
      }
      done = true;
    })();
    await clock.flush();
    expect(done).toBe(true);
  });

  test("says so when the program never comes to rest", async () => {
    const { clock } = testing();
    let on = true;
    void (async () => {
      while (on) {
        await undefined;
        clock.now();
      }
    })();
    await expect(clock.flush()).rejects.toThrow("Cannot flush: still busy after 1000000 turns");
    on = false;
  });

  test.each([NaN, Infinity])(
    "refuses a timer of %s ms",
    (ms) => {
      expect(() => testing().clock.setTimer(ms, () => {})).toThrow(`Cannot set a timer: "${ms}"`);
    },
  );

  test.each([NaN, Infinity, -1])("refuses to advance by %s ms", async (ms) => {
    await expect(testing().clock.advance(ms)).rejects.toThrow(`Cannot advance the clock: "${ms}" is no time`);
  });
});

describe("settle", () => {
  test("moves time from timer to timer until the promise settles, and no further", async () => {
    const platform = testing();
    const value = new Promise<string>((resolve) => {
      platform.clock.setTimer(0.1, () => platform.clock.setTimer(0.2, () => resolve("done")));
    });
    platform.clock.setTimer(1000, () => expect.fail("went too far"));
    expect(await platform.settle(value)).toBe("done");
    expect(platform.clock.now()).toBeCloseTo(0.3, 9);
  });

  test("passes a rejection on", async () => {
    const platform = testing();
    const late = new Promise((_, reject) => platform.clock.setTimer(5, () => reject(new Error("broken"))));
    await expect(platform.settle(late)).rejects.toThrow("broken");
  });

  test("says so when no timer is left", async () => {
    const never = new Promise(() => {});
    await expect(testing().settle(never)).rejects.toThrow("no timer is left");
  });

  test("says so when the limit is passed, and stands still before it", async () => {
    const platform = testing();
    platform.clock.setTimer(200, () => {});
    const never = new Promise(() => {});
    await expect(platform.settle(never, 100)).rejects.toThrow("still pending after 100 ms");
    expect(platform.clock.now()).toBe(0);
  });
});

describe("signals and notices", () => {
  test.each([
    ["SIGTERM", "exit", 15],
    ["SIGINT", "exit", 2],
    ["SIGHUP", "reload", 1],
    ["SIGUSR2", "none", 12],
    ["SIGQUIT", "inspect", 3],
  ])("delivers %s as the request %s", async (name, goal, number) => {
    const asked: Asked[] = [];
    const platform = testing();
    await platform.attach(control(asked));
    platform.deliver(name);
    expect(asked).toEqual([[goal, { by: "signal", name, number }]]);
  });

  test("only publishes a signal that means nothing to the bus", async () => {
    const asked: Asked[] = [];
    const platform = testing();
    await platform.attach(control(asked));
    platform.deliver("SIGUSR1", { number: 10 });
    platform.deliver("SIGWINCH");
    expect(asked).toEqual([
      ["none", { by: "signal", name: "SIGUSR1", number: 10 }],
      ["none", { by: "signal", name: "SIGWINCH" }],
    ]);
  });

  test("gives a notice as a host does", async () => {
    const asked: Asked[] = [];
    const platform = testing();
    await platform.attach(control(asked));
    platform.notice(800);
    platform.abandon("the request is gone");
    expect(asked).toEqual([
      ["exit", { by: "host", name: "notice", leftMs: 800 }],
      ["abandon", { by: "host", name: "the request is gone" }],
    ]);
  });

  test("refuses all of it before a bus is attached", () => {
    const platform = testing();
    expect(platform.control).toBe(undefined);
    expect(() => platform.deliver("SIGTERM")).toThrow('Cannot deliver "SIGTERM": no bus is attached');
    expect(() => platform.notice(0)).toThrow("Cannot give notice: no bus is attached");
    expect(() => platform.abandon("gone")).toThrow("Cannot abandon the phase: no bus is attached");
  });
});

describe("the pretended host", () => {
  test("refuses a second bus", async () => {
    const platform = testing();
    await platform.attach(control([]));
    expect(() => platform.attach(control([]))).toThrow(
      'Cannot attach the bus "site": "site" is attached already',
    );
  });

  test("records exits, reports and pulses", async () => {
    const platform = testing();
    const record = { time: 0, level: "warn", message: "careful", bus: "site" } as const;
    await platform.clock.advance(7);
    platform.pulse?.("run", true);
    platform.report(record);
    await platform.leave({ code: 3, forced: false, leftMs: 9 });
    expect(platform.pulses).toEqual([{ at: 7, state: "run", settled: true }]);
    expect(platform.reports).toEqual([record]);
    expect(platform.exits).toEqual([{ code: 3, forced: false, leftMs: 9 }]);
  });

  test("fails and hangs where the options say", async () => {
    const platform = testing({
      attach: () => Promise.reject(new Error("no signals here")),
      leave: () => new Promise(() => {}),
      park: () => {
        throw new Error("the host owns the loop");
      },
    });
    await expect(platform.attach(control([]))).rejects.toThrow("no signals here");
    expect(() => platform.park(Promise.resolve())).toThrow("the host owns the loop");
    const left = platform.leave({ code: 0, forced: false, leftMs: 0 });
    await expect(platform.settle(Promise.resolve(left))).rejects.toThrow("no timer is left");
    expect(platform.exits.length).toBe(1);
  });

  test("cannot respawn unless it is told to", async () => {
    expect(testing().respawn).toBe(undefined);
    const waited = testing({ respawn: () => Promise.resolve(7) });
    expect(await waited.respawn?.({ args: ["a"] })).toBe(7);
    expect(waited.respawns).toEqual([{ args: ["a"] }]);
    expect(await testing({ respawn: true }).respawn?.({})).toBe(undefined);
  });

  test("takes traits, defaults and a context", () => {
    const context = { run: <T>(_phase: object, body: () => T): T => body(), get: () => undefined };
    const defaults = { deadlines: { stop: 5 } };
    const platform = testing({ traits: { lifetime: "once" }, defaults, context });
    expect(platform.traits).toMatchObject({ lifetime: "once", background: "runs" });
    expect(platform.defaults).toBe(defaults);
    expect(platform.context).toBe(context);
    expect(Object.keys(testing())).not.toContain("context");
  });
});

describe("what is left", () => {
  const nothing = { bus: "site", channels: {} };

  test("is nothing at first", () => {
    const left = testing().left({ inspect: () => nothing });
    expect(left).toMatchObject({ clean: true, timers: 0, parked: 0, text: "nothing is left" });
  });

  test("counts timers and waits for the end", async () => {
    const platform = testing();
    const { promise, resolve } = Promise.withResolvers<void>();
    const parked = platform.park(promise);
    const undo = platform.clock.setTimer(5, () => {});
    const left = platform.left({ inspect: () => nothing });
    expect(left).toMatchObject({
      clean: false,
      timers: 1,
      parked: 1,
      text: "1 timer set; block() still waits",
    });
    undo();
    resolve();
    await parked;
    expect(platform.left({ inspect: () => nothing }).clean).toBe(true);
  });

  test("names components, late listeners and channels with listeners", () => {
    const left = testing().left({
      inspect: () => ({
        bus: "site",
        channels: {
          stop: [{ name: "close", priority: 50, running: 40 }],
          log: [{ name: "print", priority: 50 }],
          run: [],
        },
        components: [
          { name: "db", status: "up" },
          { name: "web", status: "failed" },
          { name: "old", status: "removed" },
          { name: "new", status: "down" },
        ],
      }),
    });
    expect(left).toMatchObject({
      clean: false,
      components: [{ name: "db", status: "up" }, { name: "web", status: "failed" }],
      running: [{ channel: "stop", name: "close", ms: 40 }],
      listeners: { stop: 1, log: 1 },
    });
    expect(left.text).toBe(
      'the component "db" is up; the component "web" is failed; the listener "close" of "stop" has run for 40 ms; ' +
        '"stop" has 1 listener; "log" has 1 listener',
    );
  });

  test("does not take a subscribed listener for a leak", () => {
    const channels = { log: [{ name: "print", priority: 50 }] };
    expect(testing().left({ inspect: () => ({ bus: "site", channels }) }).clean).toBe(true);
  });
});
