import { describe, expect, test } from "vitest";
import { Bus, type ChannelFailures, type LogRecord } from "../../mod.ts";
import { testing } from "../../platforms/testing.ts";
import { countedSignal, gate, hang } from "./_test_bus.ts";

function makeBus() {
  const { clock, flush } = testing();
  const did: string[] = [];
  const note = (word: string) => () => void did.push(word);
  return { bus: new Bus({ clock }), clock, flush, did, note };
}

describe("order", () => {
  test("listeners run by ascending priority", async () => {
    const { bus, did, note } = makeBus();
    for (const priority of [100, 50, 0, 51]) bus.subscribe("greet", note(String(priority)), { priority });
    await bus.publish("greet");
    expect(did).toEqual(["0", "50", "51", "100"]);
  });

  test("the default priority is 50", async () => {
    const { bus, did, note } = makeBus();
    bus.subscribe("greet", note("none"));
    for (const priority of [10, 60, 40]) bus.subscribe("greet", note(String(priority)), { priority });
    await bus.publish("greet");
    expect(did).toEqual(["10", "40", "none", "60"]);
  });

  test("priorities may be fractions, negative and infinite", async () => {
    const { bus, did, note } = makeBus();
    for (const priority of [Infinity, 0.5, -1, 0, -Infinity]) {
      bus.subscribe("greet", note(String(priority)), { priority });
    }
    await bus.publish("greet");
    expect(did).toEqual(["-Infinity", "-1", "0", "0.5", "Infinity"]);
  });

  test("equal priorities run in order of subscription", async () => {
    const { bus, did, note } = makeBus();
    for (const word of ["d", "a", "f", "b", "e", "c"]) bus.subscribe("greet", note(word));
    await bus.publish("greet");
    expect(did.join("")).toBe("dafbec");
  });

  test("each listener is awaited before the next one is called", async () => {
    const { bus, flush, did, note } = makeBus();
    const first = gate();
    bus.subscribe("greet", () => first.promise);
    bus.subscribe("greet", note("second"));
    const published = bus.publish("greet");
    await flush();
    expect(did).toEqual([]);
    first.open();
    await published;
    expect(did).toEqual(["second"]);
  });

  test("what is no real promise but has a then is awaited too", async () => {
    const { bus } = makeBus();
    bus.subscribe("greet", () => ({ then: (resolve: (value: string) => void) => resolve("hello") }));
    expect(await bus.publish("greet")).toEqual(["hello"]);
  });
});

test("a listener whose value cannot even be looked at has failed", async () => {
  const { bus, did, note } = makeBus();
  const trap = {
    get then() {
      throw new Error("trap");
    },
  };
  bus.subscribe("greet", () => trap);
  bus.subscribe("greet", note("second"));
  await expect(bus.publish("greet")).rejects.toThrow("trap");
  expect(did).toEqual(["second"]);
});

describe("a round under way", () => {
  test("does not call a listener that was removed before its turn", async () => {
    const { bus, did, note } = makeBus();
    const second = note("second");
    bus.subscribe("greet", () => void bus.unsubscribe("greet", second));
    bus.subscribe("greet", second);
    bus.subscribe("greet", note("third"));
    await bus.publish("greet");
    expect(did).toEqual(["third"]);
  });

  test("calls a listener that was added meanwhile in the next round", async () => {
    const { bus, did, note } = makeBus();
    bus.subscribe("greet", () => void bus.subscribe("greet", note("added"), { once: true }));
    await bus.publish("greet");
    expect(did).toEqual([]);
    await bus.publish("greet");
    expect(did).toEqual(["added"]);
  });

  test("does not skip the one after a listener that removes itself", async () => {
    const { bus, did, note } = makeBus();
    const subscription = bus.subscribe("greet", () => void subscription.unsubscribe());
    bus.subscribe("greet", note("second"));
    await bus.publish("greet");
    expect(did).toEqual(["second"]);
  });

  test("still calls a listener whose options were replaced before its turn", async () => {
    const { bus, did, note } = makeBus();
    const second = note("second");
    bus.subscribe("greet", () => void bus.subscribe("greet", second, { priority: 10 }), { priority: 0 });
    bus.subscribe("greet", second, { priority: 99 });
    await bus.publish("greet");
    expect(did).toEqual(["second"]);
  });

  test("may publish on its own channel", async () => {
    const { bus, did } = makeBus();
    bus.subscribe("count", async (left) => {
      did.push(String(left));
      if (left as number > 0) await bus.publish("count", left as number - 1);
    });
    await bus.publish("count", 2);
    expect(did).toEqual(["2", "1", "0"]);
  });
});

describe("the same listener again", () => {
  test("replaces its priority and is called once", async () => {
    const { bus, did, note } = makeBus();
    const first = note("first");
    bus.subscribe("greet", first);
    bus.subscribe("greet", note("second"));
    bus.subscribe("greet", first, { priority: 60 });
    await bus.publish("greet");
    expect(did).toEqual(["second", "first"]);
  });

  test("keeps its place among those of its priority", async () => {
    const { bus, did, note } = makeBus();
    const first = note("first");
    bus.subscribe("greet", first, { name: "old" });
    bus.subscribe("greet", note("second"));
    bus.subscribe("greet", first, { name: "new" });
    await bus.publish("greet");
    expect(did).toEqual(["first", "second"]);
    expect(bus.inspect().channels["greet"]?.[0]?.name).toBe("new");
  });

  test("is another one on another channel", async () => {
    const { bus, did, note } = makeBus();
    const greet = note("greet");
    bus.subscribe("a", greet);
    bus.subscribe("b", greet);
    bus.unsubscribe("a", greet);
    await bus.publish("a");
    await bus.publish("b");
    expect(did).toEqual(["greet"]);
  });
});

describe("once", () => {
  test("runs in one round only", async () => {
    const { bus, did, note } = makeBus();
    bus.subscribe("greet", note("once"), { once: true });
    await bus.publish("greet");
    await bus.publish("greet");
    expect(did).toEqual(["once"]);
  });

  test("is removed before it runs, so that it may subscribe itself again", async () => {
    const { bus, did } = makeBus();
    const greet = () => {
      did.push("greet");
      if (did.length < 2) bus.subscribe("greet", greet, { once: true });
    };
    bus.subscribe("greet", greet, { once: true });
    await bus.publish("greet");
    await bus.publish("greet");
    await bus.publish("greet");
    expect(did).toEqual(["greet", "greet"]);
  });

  test("runs once for two rounds that overlap", async () => {
    const { bus, did, note } = makeBus();
    bus.subscribe("greet", () => Promise.resolve());
    bus.subscribe("greet", note("once"), { once: true });
    await Promise.all([bus.publish("greet"), bus.publish("greet")]);
    expect(did).toEqual(["once"]);
  });
});

describe("within", () => {
  test("lets the round go on without a listener that takes longer", async () => {
    const { bus, clock, did, note } = makeBus();
    bus.subscribe("greet", hang, { within: 100, name: "slow" });
    bus.subscribe("greet", note("next"));
    const published = bus.publish("greet");
    await clock.advance(99);
    expect(did).toEqual([]);
    await clock.advance(1);
    expect(did).toEqual(["next"]);
    await expect(published).rejects.toMatchObject({
      failures: [{ listener: "slow", kind: "timeout", ms: 100 }],
    });
  });

  test("keeps the late listener in inspect() until it settles, and logs that", async () => {
    const { bus, clock, flush } = makeBus();
    const slow = gate();
    const records: unknown[] = [];
    bus.subscribe("log", (record) => void records.push((record as LogRecord).message));
    bus.subscribe("greet", () => slow.promise, { within: 100, name: "slow" });
    bus.publish("greet");
    await clock.advance(150);
    expect(bus.inspect().channels["greet"]).toEqual([{ name: "slow", priority: 50, running: 150 }]);
    slow.open();
    await flush();
    expect(bus.inspect().channels["greet"]).toEqual([{ name: "slow", priority: 50 }]);
    expect(records.at(-1)).toMatch(/^"slow" on "greet" settled late, after 150 ms/);
  });

  test("leaves no timer behind", async () => {
    const { bus, clock } = makeBus();
    bus.subscribe("greet", () => Promise.resolve(), { within: 100 });
    await bus.publish("greet");
    expect(clock.pending).toBe(0);
  });

  test("is for each listener by itself", async () => {
    const { bus, clock } = makeBus();
    for (const within of [100, 200]) bus.subscribe("greet", () => hang(), { within, name: `slow ${within}` });
    const published = bus.publish("greet");
    await clock.advance(300);
    const { failures } = await published.catch((error: ChannelFailures) => error) as ChannelFailures;
    expect(failures.map(({ listener, ms }) => `${listener}: ${ms}`)).toEqual([
      "slow 100: 100",
      "slow 200: 200",
    ]);
  });

  test("is refused where the bus has no clock", () => {
    expect(() => new Bus().subscribe("greet", () => {}, { within: 5 })).toThrow(
      'Cannot use "within": the bus was given no clock',
    );
  });
});

describe("leaving", () => {
  test("unsubscribe says whether the listener was there", () => {
    const { bus, note } = makeBus();
    const greet = note("greet");
    expect(bus.unsubscribe("greet", greet)).toBe(false);
    const subscription = bus.subscribe("greet", greet);
    expect(subscription.unsubscribe()).toBe(true);
    expect(subscription.unsubscribe()).toBe(false);
    expect(bus.unsubscribe("greet", greet)).toBe(false);
  });

  test("a subscription can be disposed of, twice too", async () => {
    const { bus, did, note } = makeBus();
    const subscription = bus.subscribe("greet", note("greet"));
    subscription[Symbol.dispose]();
    subscription[Symbol.dispose]();
    await bus.publish("greet");
    expect(did).toEqual([]);
  });

  test("an aborted signal takes the listener off", async () => {
    const { bus, did, note } = makeBus();
    const { signal, abort } = signalled();
    bus.subscribe("greet", note("greet"), { signal });
    abort();
    await bus.publish("greet");
    expect(did).toEqual([]);
  });

  test("a signal that has aborted already subscribes nothing", () => {
    const { bus, note } = makeBus();
    const { signal, abort } = signalled();
    abort();
    expect(bus.subscribe("greet", note("greet"), { signal }).unsubscribe()).toBe(false);
    expect(bus.inspect().channels["greet"]).toEqual([]);
  });

  test("a listener that has left listens to its signal no more", () => {
    const { bus, note } = makeBus();
    const { signal, listeners } = countedSignal();
    const subscription = bus.subscribe("greet", note("greet"), { signal });
    expect(listeners.size).toBe(1);
    subscription.unsubscribe();
    bus.subscribe("greet", note("once"), { signal, once: true });
    bus.publishSync("greet");
    expect(listeners.size).toBe(0);
  });

  test("the signal of an earlier subscription does not take the later one off", async () => {
    const { bus, did, note } = makeBus();
    const { signal, abort } = signalled();
    const greet = note("greet");
    bus.subscribe("greet", greet, { signal });
    bus.subscribe("greet", greet);
    abort();
    await bus.publish("greet");
    expect(did).toEqual(["greet"]);
  });
});

/** A signal of the web, made without naming a global that not every runtime's types have. */
function signalled() {
  const controller = new AbortController();
  return { signal: controller.signal, abort: () => controller.abort() };
}
