/**
 * How the work of a bus grows. Nothing here measures time: what is counted is how often the bus asks its clock, makes
 * an entry of a collection or sorts a list, for a small number of things and for eight times as many.
 * @module
 */
import { beforeEach, describe, expect, test } from "vitest";
import { type Clock, guest, inline, type Phase, ProcessBus } from "../../mod.ts";
import { testing } from "../../platforms/testing.ts";
import { gate } from "./_test_bus.ts";

const FEW = 1_000;
const MANY = 8_000;

/** Eight times as many may cost eight times as much, times the logarithm: quadratic work costs 64 times as much. */
const MOST = 8 * Math.log(MANY) / Math.log(FEW) * 1.5;

interface Counted {
  readonly bus: ProcessBus;
  /** Does `body`, and returns how many elements collections have visited, and how often the clock was asked. */
  count(body: () => unknown): Promise<number>;
  flush(): Promise<void>;
  advance(ms: number): Promise<void>;
}

/** The methods that visit a whole collection. */
const VISITS: readonly (readonly [object, string])[] = [
  [Array.prototype, "filter"],
  [Array.prototype, "indexOf"],
  [Array.prototype, "includes"],
  [Array.prototype, "slice"],
  [Array.prototype, "splice"],
  [Array.prototype, "sort"],
  [Array.prototype, "forEach"],
  [Array.prototype, "map"],
  [Array.prototype, "find"],
  [Array.prototype, "findIndex"],
  [Array.prototype, "some"],
  [Array.prototype, "every"],
  [Array.prototype, "flatMap"],
];

function counted(): Counted {
  const { clock } = testing();
  let visits = 0;
  const ownClock: Clock = {
    time: () => clock.time(),
    now: () => {
      visits++;
      return clock.now();
    },
    setTimer: (ms, fire) => {
      visits++;
      return clock.setTimer(ms, fire);
    },
  };
  const bus = new ProcessBus({ platform: { ...inline({ clock: ownClock }), report() {} } });
  const count = async (body: () => unknown): Promise<number> => {
    const before = VISITS.map(([of, name]) => Reflect.get(of, name) as (...args: unknown[]) => unknown);
    const sets = [Set.prototype, Map.prototype].map((of) => of[Symbol.iterator]);
    VISITS.forEach(([of, name], at) => {
      const original = before[at]!;
      Object.defineProperty(of, name, {
        configurable: true,
        writable: true,
        value(this: { readonly length: number }, ...args: unknown[]) {
          visits += this.length;
          return original.apply(this, args);
        },
      });
    });
    [Set.prototype, Map.prototype].forEach((of, at) => {
      Object.defineProperty(of, Symbol.iterator, {
        configurable: true,
        writable: true,
        value(this: Set<unknown>) {
          visits += this.size;
          return (sets[at] as () => unknown).call(this);
        },
      });
    });
    visits = 0;
    try {
      await body();
      return visits;
    } finally {
      VISITS.forEach(([of, name], at) =>
        Object.defineProperty(of, name, { configurable: true, writable: true, value: before[at] })
      );
      [Set.prototype, Map.prototype].forEach((of, at) =>
        Object.defineProperty(of, Symbol.iterator, { configurable: true, writable: true, value: sets[at] })
      );
    }
  };
  return { bus, count, flush: () => clock.flush(), advance: (ms) => clock.advance(ms) };
}

/** What is done many times over, and what is counted then. */
const WORK: Readonly<Record<string, (counted: Counted, times: number) => Promise<number>>> = {
  "waits that are pending": async ({ bus, count }, times) => {
    return await count(async () => {
      const waiting = Array.from({ length: times }, () => bus.wait("run"));
      void bus.start();
      await Promise.all(waiting);
    });
  },
  "waits with a signal that are given up": async ({ bus, count, flush }, times) => {
    return await count(async () => {
      const controllers = Array.from({ length: times }, () => new AbortController());
      for (const { signal } of controllers) void bus.wait("run", { signal });
      for (const controller of controllers) controller.abort();
      await flush();
    });
  },
  "listeners that subscribe and leave": async ({ bus, count }, times) => {
    return await count(() => {
      const subscriptions = Array.from(
        { length: times },
        (_, n) => bus.subscribe("stop", () => {}, { priority: n % 90 }),
      );
      for (const subscription of subscriptions) subscription.unsubscribe();
    });
  },
  "listeners of one round": async ({ bus, count }, times) => {
    for (let n = 0; n < times; n++) bus.subscribe("start", () => {}, { priority: n % 90 });
    return await count(() => bus.start());
  },
  "listeners that run once": async ({ bus, count }, times) => {
    for (let n = 0; n < times; n++) bus.subscribe("start", () => {}, { once: true });
    return await count(() => bus.start());
  },
  "listeners with a time of their own that hang": async ({ bus, count, flush }, times) => {
    const own = bus as unknown as ProcessBus<{ own: [] }>;
    own.subscribe("own", () => new Promise(() => {}), { within: 1_000 });
    return await count(async () => {
      for (let n = 0; n < times; n++) void own.publish("own");
      await flush();
    });
  },
  "publishes in flight, inspected": async ({ bus, count, flush }, times) => {
    const own = bus as unknown as ProcessBus<{ own: [] }>;
    own.subscribe("own", () => new Promise(() => {}));
    for (let n = 0; n < times; n++) void own.publish("own");
    await flush();
    return await count(() => void bus.inspect());
  },
  "components that start and stop": async ({ bus, count }, times) => {
    for (let n = 0; n < times; n++) {
      bus.use({ name: `c${n}`, dependsOn: n > 0 ? [`c${(n - 1) >> 1}`] : [], start() {} });
    }
    return await count(async () => {
      await bus.start();
      await bus.stop();
    });
  },
  "components with a time of their own": async ({ bus, count }, times) => {
    for (let n = 0; n < times; n++) {
      bus.use({
        name: `c${n}`,
        startWithin: 1_000,
        stopWithin: 1_000,
        start: async () => {},
        stop: async () => {},
      });
    }
    return await count(async () => {
      await bus.start();
      await bus.stop();
    });
  },
  "components with a time of their own that hang": async ({ bus, count, advance }, times) => {
    for (let n = 0; n < times; n++) {
      bus.use({
        name: `c${n}`,
        startWithin: 1_000,
        start: () => new Promise(() => {}),
      });
    }
    return await count(async () => {
      void bus.start();
      await advance(2_000);
    });
  },
  "components that are inspected while they stop": async ({ bus, count, flush }, times) => {
    for (let n = 0; n < times; n++) {
      const dependsOn = n > 0 ? ["c0"] : [];
      bus.use({ name: `c${n}`, dependsOn, stop: () => new Promise(() => {}) });
    }
    await bus.start();
    void bus.stop();
    await flush();
    return await count(() => void bus.inspect());
  },
  "reloads that are given up": async ({ bus, count, flush }, times) => {
    bus.subscribe("reload", () => new Promise(() => {}));
    await bus.start();
    return await count(async () => {
      const controllers = Array.from({ length: times }, () => new AbortController());
      for (const { signal } of controllers) void bus.reload(1, { signal });
      await flush();
      for (const controller of controllers) controller.abort();
      await flush();
    });
  },
  "listeners of a guest that subscribe and leave": async ({ bus, count }, times) => {
    const shop = guest(bus, "shop");
    return await count(async () => {
      for (let n = 0; n < times; n++) shop.subscribe("stop", () => {});
      await shop.close();
    });
  },
  "promises that are held": async ({ bus, count }, times) => {
    await bus.start();
    return await count(async () => {
      const holds = Array.from({ length: times }, () => gate());
      for (const { promise } of holds) void bus.hold(promise);
      const stopped = bus.stop();
      for (const { open } of holds) open();
      await stopped;
    });
  },
  "calls that wait for the same goal": async ({ bus, count }, times) => {
    return await count(async () => {
      await Promise.all(Array.from({ length: times }, () => bus.start()));
    });
  },
};

describe("the work of a bus grows no faster than n log n", () => {
  test.each(Object.entries(WORK))("with %s", async (_, work) => {
    const few = await work(counted(), FEW);
    const many = await work(counted(), MANY);
    expect(many / Math.max(few, FEW)).toBeLessThan(MOST);
  }, 30_000);
});

describe("a probe", () => {
  test("costs the same however much is in flight", async () => {
    const cost = async (times: number): Promise<number> => {
      const { bus, count, flush } = counted();
      const own = bus as unknown as ProcessBus<{ own: [] }>;
      bus.use({ name: "db", check: () => true });
      own.subscribe("own", () => new Promise(() => {}));
      await bus.start();
      for (let n = 0; n < times; n++) void own.publish("own");
      await flush();
      return await count(async () => {
        expect((await bus.check()).ready).toBe(true);
      });
    };
    expect(await cost(MANY)).toBe(await cost(FEW));
  });

  test("of a component that hangs calls it once, however many probes come", async () => {
    const { bus } = counted();
    let calls = 0;
    bus.use({
      name: "db",
      check: () => {
        calls++;
        return new Promise(() => {});
      },
    });
    await bus.start();
    for (let n = 0; n < 50; n++) await bus.check({ within: 0 });
    expect(calls).toBe(1);
  });
});

test("one timer is set for a phase, however many listeners it has", async () => {
  const { clock } = testing();
  let timers = 0;
  const own: Clock = {
    time: () => clock.time(),
    now: () => clock.now(),
    setTimer: (ms, fire) => {
      timers++;
      return clock.setTimer(ms, fire);
    },
  };
  const bus = new ProcessBus({ platform: inline({ clock: own }) });
  const slow = async (_: Phase) => {
    await undefined;
  };
  for (let n = 0; n < 1_000; n++) bus.subscribe("start", (phase) => slow(phase));
  await bus.start();
  expect(timers).toBeLessThanOrEqual(3);
});

/** The garbage collector, where it can be called. */
function collector(): (() => void) | undefined {
  const { process } = globalThis as { process?: { getBuiltinModule?(name: string): unknown } };
  const v8 = process?.getBuiltinModule?.("node:v8") as
    | { setFlagsFromString?(flag: string): void }
    | undefined;
  const vm = process?.getBuiltinModule?.("node:vm") as
    | { runInNewContext?(code: string): unknown }
    | undefined;
  try {
    v8?.setFlagsFromString?.("--expose-gc");
    return vm?.runInNewContext?.("gc") as () => void;
  } catch {
    return undefined;
  }
}

const collect = collector();

describe("what is over is kept by nothing", () => {
  beforeEach((context) => {
    if (!collect) context.skip("the garbage collector of this runtime cannot be called");
  });

  /** Whether the object that `make` returns can be collected. */
  async function isCollected(make: () => Promise<object>): Promise<boolean> {
    const ref = new WeakRef(await make());
    for (let turn = 0; turn < 10 && ref.deref(); turn++) {
      await new Promise((resolve) => setTimeout(resolve, 1));
      collect!();
    }
    return ref.deref() === undefined;
  }

  test("a publish that a hanging listener has left behind", async () => {
    const { bus, advance } = counted();
    const own = bus as unknown as ProcessBus<{ own: [] }>;
    const hanging: Promise<unknown>[] = [];
    own.subscribe("own", () => {
      hanging.push(new Promise(() => {}));
      return hanging.at(-1);
    }, { within: 10 });
    const isGone = await isCollected(async () => {
      const published = own.publish("own").catch((error: unknown) => error);
      await advance(20);
      return (await published as { readonly failures: readonly { readonly error: object }[] }).failures[0]!
        .error;
    });
    expect([isGone, hanging.length]).toEqual([true, 1]);
  });

  test("a listener of a guest that has left", async () => {
    const shop = guest(counted().bus, "shop");
    const isGone = await isCollected(() => {
      const listener = () => {};
      shop.subscribe("stop", listener).unsubscribe();
      return Promise.resolve(listener);
    });
    expect(isGone).toBe(true);
  });

  test("a listener of a guest that has run once", async () => {
    const { bus } = counted();
    const shop = guest(bus, "shop", ["critical"]);
    const isGone = await isCollected(async () => {
      const listener = () => {};
      shop.subscribe("run", listener, { once: true });
      await bus.start();
      await bus.stop();
      return listener;
    });
    expect([isGone, shop.name]).toEqual([true, "shop"]);
  });

  test("a component that was removed", async () => {
    const { bus } = counted();
    const shop = guest(bus, "shop");
    const isGone = await isCollected(async () => {
      const component = { name: "db" };
      await shop.use(component).remove();
      return component;
    });
    expect([isGone, shop.name]).toEqual([true, "shop"]);
  });
});
