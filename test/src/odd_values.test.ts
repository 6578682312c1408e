import { describe, expect, test } from "vitest";
import {
  type ChannelFailures,
  type Component,
  guest,
  type LogDetails,
  type Phase,
  type Platform,
  retry,
} from "../../mod.ts";
import { type Odd, ODD_ERRORS, ODD_THENABLES } from "./_odd_values.ts";
import { LIFE, type TestBus, testBus } from "./_test_bus.ts";

/** Uses an odd value in one place of a program; `odd` throws or returns it. */
type Place = (life: TestBus, odd: () => never) => unknown;

const STATES = [
  "enter",
  "idle",
  "start",
  "run",
  "drain",
  "stop",
  "exit",
  "exited",
] as const;

function component(method: keyof Component): Place {
  return ({ bus }, odd) => bus.use({ name: "odd", [method]: odd });
}

/** Everything that a bus calls, and that may throw or return anything. */
const PLACES: Readonly<Record<string, Place>> = {
  ...Object.fromEntries(STATES.map((state): [string, Place] => [
    `a listener of ${state}`,
    ({ bus }, odd) => bus.subscribe(state, odd, { priority: 40 }),
  ])),
  "a listener of start_error": ({ bus }, odd) => {
    bus.subscribe("start", () => Promise.reject(new Error("start")));
    bus.subscribe("start_error", odd);
  },
  "a listener of stop_error": ({ bus }, odd) => {
    bus.subscribe("stop", () => Promise.reject(new Error("stop")));
    bus.subscribe("stop_error", odd);
  },
  "a listener of exit_error": ({ bus }, odd) => {
    bus.subscribe("exit", () => Promise.reject(new Error("exit")));
    bus.subscribe("exit_error", odd);
  },
  "a listener with a time of its own": ({ bus }, odd) => bus.subscribe("stop", odd, { within: 5 }),
  "a listener of log": ({ bus }, odd) => bus.subscribe("log", odd),
  "a listener of signal": ({ bus, platform }, odd) => {
    bus.subscribe("signal", odd);
    return () => platform.deliver("SIGUSR1");
  },
  "a listener of restart": ({ bus, platform }, odd) => {
    bus.subscribe("restart", odd);
    return () => {
      void bus.restart();
      // A successor may live for ever: a notice ends the waiting for it.
      platform.clock.setTimer(1_000, () => platform.notice(100));
    };
  },
  "a listener of reload": ({ bus }, odd) => {
    bus.subscribe("reload", odd);
    return () => bus.reload();
  },
  "a commit": ({ bus }, odd) => {
    bus.subscribe("reload", () => ({ commit: odd }));
    return () => bus.reload();
  },
  "a rollback": ({ bus }, odd) => {
    bus.subscribe("reload", () => ({ commit() {}, rollback: odd }));
    bus.subscribe("reload", () => Promise.reject(new Error("veto")));
    return () => bus.reload();
  },
  "a listener of a program's own channel": ({ bus }, odd) => {
    (bus.subscribe as (channel: string, listener: () => unknown) => unknown)("own", odd);
    const own = bus as unknown as {
      publish(channel: string): Promise<unknown>;
      publishSync(channel: string): unknown;
    };
    return () => {
      try {
        own.publishSync("own");
      } catch { /* It is told of what has failed. */ }
      return own.publish("own");
    };
  },
  "the start of a component": component("start"),
  "the drain of a component": component("drain"),
  "the stop of a component": component("stop"),
  "the work of a component": component("run"),
  "the work of a component that is a job": ({ bus }, odd) =>
    bus.use({ name: "odd", run: odd, onEnd: "exit" }),
  "the reload of a component": (life, odd) => {
    component("reload")(life, odd);
    return () => life.bus.reload();
  },
  "the check of a component": (life, odd) => {
    component("check")(life, odd);
    return () => life.bus.check();
  },
  "the stop of a component that is removed": ({ bus }, odd) => {
    const handle = bus.use({ name: "odd", stop: odd });
    return () => handle.remove();
  },
  "the start of a component that joins": ({ bus }, odd) => () => void bus.use({ name: "odd", start: odd }),
  "the disposal of a resource": ({ bus }, odd) => bus.use({ [Symbol.dispose]: odd }),
  "a start that is tried again": ({ bus }, odd) =>
    bus.use({ name: "odd", start: retry(odd, { within: 10, delay: 5 }) }),
  "a start whose retryable fails": ({ bus }, odd) =>
    bus.use({
      name: "odd",
      start: retry(() => Promise.reject(new Error("no")), { within: 10, delay: 5, retryable: odd }),
    }),
  "a listener of a guest": ({ bus }, odd) => guest(bus, "shop").subscribe("stop", odd),
  "a listener of a critical guest": ({ bus }, odd) =>
    guest(bus, "shop", ["critical"]).subscribe("start", odd),
  "the start of a guest's component": ({ bus }, odd) => guest(bus, "shop").use({ name: "odd", start: odd }),
  "the work of a guest's component": ({ bus }, odd) => guest(bus, "shop").use({ name: "odd", run: odd }),
  "the reload of a guest's component": ({ bus }, odd) => {
    guest(bus, "shop", ["veto"]).use({ name: "odd", reload: odd });
    guest(bus, "blog").use({ name: "odd", reload: odd });
    return () => bus.reload();
  },
  "the check of a guest's component": ({ bus }, odd) => {
    guest(bus, "shop").use({ name: "odd", check: odd });
    return () => bus.check();
  },
};

/** What a platform does, and what may come of it. */
const METHODS: Readonly<Record<string, (odd: () => never) => Partial<Platform>>> = {
  attach: (attach) => ({ attach }),
  pulse: (pulse) => ({ pulse }),
  report: (report) => ({ report }),
  confirm: (confirm) => ({ confirm }),
  respawn: (respawn) => ({ respawn }),
  leave: (leave) => ({ leave }),
};

/** Lives a life with the odd value in it, does what the place says while it runs, and ends it. */
async function liveWith(life: TestBus, then: unknown): Promise<string> {
  const { bus, platform, settle } = life;
  const code = bus.run();
  await platform.clock.advance(0);
  const done = typeof then === "function" && bus.state === "run" ? then() as unknown : undefined;
  if (done instanceof Promise) await settle(done).catch(() => {});
  void bus.exit();
  await settle(code);
  return `${bus.state}, left ${platform.exits.length} time(s)`;
}

/** Plays a program for each odd value; returns what each has come to. */
async function play(
  odds: Readonly<Record<string, Odd>>,
  run: (odd: Odd) => Promise<string>,
): Promise<unknown> {
  const found: [string, string][] = [];
  for (const [name, odd] of Object.entries(odds)) found.push([name, await run(odd)]);
  return Object.fromEntries(found.filter(([, came]) => came !== END));
}

const END = "exited, left 1 time(s)";
const LIMITS = { enter: 50, start: 50, drain: 50, stop: 50, exit: 50, reload: 50, settle: 50 };
const throwing = (odd: Odd) => (): never => {
  throw odd();
};
const rejecting = (odd: Odd) => (): never => Promise.reject(odd()) as never;
const returning = (odd: Odd) => (): never => odd() as never;

describe("an odd value ends no life before its time", () => {
  describe.each(Object.entries(PLACES))("from %s", (_, place) => {
    const playIn = (odds: Readonly<Record<string, Odd>>, how: (odd: Odd) => () => never) =>
      play(odds, (odd) => {
        const life = testBus({ deadlines: LIMITS });
        return liveWith(life, place(life, how(odd)));
      });

    test("that throws an odd error", async () => {
      expect(await playIn(ODD_ERRORS, throwing)).toEqual({});
    });

    test("that rejects with an odd error", async () => {
      expect(await playIn(ODD_ERRORS, rejecting)).toEqual({});
    });

    test("that returns an odd error", async () => {
      expect(await playIn(ODD_ERRORS, returning)).toEqual({});
    });

    test("that returns an odd thenable", async () => {
      expect(await playIn(ODD_THENABLES, returning)).toEqual({});
    });
  });

  describe.each(Object.entries(METHODS))("from the platform's %s", (name, method) => {
    const playIn = (odds: Readonly<Record<string, Odd>>, how: (odd: Odd) => () => never) =>
      play(odds, (odd) => {
        const life = testBus({
          deadlines: LIMITS,
          host: { respawn: true },
          alter(platform) {
            const methods = platform as unknown as Record<string, (...args: unknown[]) => unknown>;
            const { [name]: before } = methods;
            const own = method(how(odd)) as unknown as Record<string, () => unknown>;
            methods[name] = (...args) => {
              before?.(...args);
              return own[name]!();
            };
          },
        });
        const { bus } = life;
        const then = name === "confirm"
          ? () => bus.reload()
          : name === "respawn"
          ? () => void bus.restart()
          : undefined;
        return liveWith(life, then);
      });

    test("that throws an odd error", async () => {
      expect(await playIn(ODD_ERRORS, throwing)).toEqual({});
    });

    test("that returns an odd thenable", async () => {
      expect(await playIn(ODD_THENABLES, returning)).toEqual({});
    });
  });
});

describe("a listener that fails with an odd error", () => {
  test.each(Object.entries(ODD_ERRORS))(
    "is a failure with its name and the very value: %s",
    async (_, odd) => {
      const { bus, settle, note, did } = testBus();
      const error = odd();
      bus.subscribe("stop", () => {
        throw error;
      }, { name: "odd" });
      bus.subscribe("stop", note("the next one runs"));
      await settle(bus.start());
      const failed = await settle(bus.stop().catch((error: unknown) => error)) as ChannelFailures;
      expect(failed.name).toBe("ChannelFailures");
      const [failure] = failed.failures;
      expect([failed.failures.length, failure?.channel, failure?.listener, failure?.kind]).toEqual([
        1,
        "stop",
        "odd",
        "throw",
      ]);
      expect(Object.is(failure?.error, error)).toBe(true);
      expect(did).toEqual(["the next one runs"]);
    },
  );
});

describe("a listener that returns an odd thenable", () => {
  test.each(Object.entries(ODD_THENABLES))("lets no other listener run beside it: %s", async (_, odd) => {
    const { bus, settle, path } = testBus({ deadlines: LIMITS });
    let running = 0;
    let most = 0;
    const slow = async (phase: Phase) => {
      most = Math.max(most, ++running);
      await phase.delay(1).catch(() => {});
      running--;
    };
    for (const state of ["drain", "stop", "exit"] as const) {
      bus.subscribe(state, () => odd(), { within: 5 });
      bus.subscribe(state, slow);
      bus.subscribe(state, (phase) => slow(phase));
    }
    await settle(bus.start());
    await settle(bus.exit()).catch(() => {});
    expect(most).toBe(1);
    expect(path()).toMatch(/exited$/);
  });

  test("is given one answer: the first", async () => {
    const bus = testBus().bus as unknown as {
      subscribe(c: string, l: () => unknown): void;
      publish(c: string): Promise<unknown[]>;
    };
    bus.subscribe("own", () => ODD_THENABLES["a thenable that says yes and no"]!());
    bus.subscribe("own", () => ODD_THENABLES["a promise whose own then calls back twice"]!());
    expect(await bus.publish("own")).toEqual(["one", "one"]);
  });
});

describe("hold", () => {
  test.each(Object.entries(ODD_THENABLES))("lets the drain come to its end: %s", async (_, odd) => {
    const { bus, settle, path } = testBus({ deadlines: LIMITS });
    await settle(bus.start());
    try {
      void bus.hold(odd() as Promise<unknown>);
    } catch (error) {
      expect(String(error)).toContain("Cannot hold");
    }
    await settle(bus.exit()).catch(() => {});
    expect(path()).toBe(LIFE);
  });
});

describe("a function whose name is odd", () => {
  const listeners: Readonly<Record<string, Odd>> = {
    "is a symbol": ODD_ERRORS["a function whose name is a symbol"]!,
    "throws": ODD_ERRORS["a function whose name throws"]!,
    "is a number": () => Object.defineProperty(() => {}, "name", { value: 5 }),
    "is empty": () => () => {},
  };

  test.each(Object.entries(listeners))("subscribes as anonymous: its name %s", (_, odd) => {
    const { bus } = testBus();
    bus.subscribe("stop", odd() as () => void);
    guest(bus, "shop").subscribe("stop", odd() as () => void);
    expect(bus.inspect().channels["stop"]?.map(({ name }) => name)).toEqual(["anonymous", "shop/anonymous"]);
  });

  test.each(Object.entries(listeners))("may come too late for its start: its name %s", async (_, odd) => {
    const { bus, settle, records } = testBus();
    await settle(bus.start());
    bus.subscribe("start", odd() as () => void);
    expect(records.filter(({ event }) => event === "missed").map(({ listener }) => listener)).toEqual([
      "anonymous",
    ]);
  });
});

describe("a component whose methods cannot be read any more", () => {
  test.each(["run", "drain", "stop", "reload", "check"] as const)("fails by itself: %s", async (method) => {
    const { bus, settle, note, did, platform } = testBus();
    const component: Component = { name: "odd", [method]: () => Promise.resolve() };
    bus.use({ name: "other", drain: note("other drains"), stop: note("other stops") });
    bus.use(component);
    const code = bus.run();
    Object.defineProperty(component, method, {
      get() {
        throw new Error("cannot be read");
      },
    });
    await platform.flush();
    expect((await settle(bus.check())).ready).toBe(method !== "check" && method !== "run");
    await settle(bus.reload()).catch(() => {});
    void bus.exit();
    await settle(code);
    expect([bus.state, ...did]).toEqual(["exited", "other drains", "other stops"]);
  });
});

describe("a record", () => {
  test.each(Object.entries(ODD_ERRORS))(
    "has a message that is a string, whatever was logged: %s",
    (_, odd) => {
      const { bus, records } = testBus();
      bus.log(odd() as string);
      expect(records.map(({ message }) => typeof message)).toEqual(["string"]);
    },
  );

  test.each(Object.entries(ODD_ERRORS))("is written whatever its details are: %s", (_, odd) => {
    const { bus, records } = testBus();
    bus.log("said", odd() as LogDetails);
    expect(records.map(({ message }) => message)).toEqual(["said"]);
  });

  test.each(Object.entries(ODD_ERRORS))("of a phase is written as well: %s", async (_, odd) => {
    const { bus, settle, logged } = testBus();
    bus.subscribe("start", (phase) => phase.log("said", { error: odd(), level: "error" }));
    await settle(bus.start());
    expect(logged(/^said$/)).toBe(1);
  });
});
