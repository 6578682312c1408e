import { describe, expect, test } from "vitest";
import { Bus, ChannelFailures, ProcessBus } from "../../mod.ts";
import { testing } from "../../platforms/testing.ts";
import { fail, gate, hang, testBus } from "./_test_bus.ts";

/** A bus with a virtual clock, and what it logged. */
function loggedBus() {
  const platform = testing();
  const bus = new Bus({ clock: platform.clock });
  const records: string[] = [];
  bus.subscribe("log", (record) => {
    const { level, message } = record as { level: string; message: string };
    records.push(`${level}: ${message}`);
  });
  return { bus, platform, records };
}

async function failuresOf(promise: Promise<unknown>): Promise<ChannelFailures> {
  return await promise.then(() => expect.fail("did not reject"), (error) => error);
}

describe("publish", () => {
  test("resolves to what the listeners returned, in their order", async () => {
    const bus = new Bus<{ greet: [name: string] }>();
    bus.subscribe("greet", (name) => `Hello, ${name}`);
    bus.subscribe("greet", (name) => Promise.resolve(`Hi, ${name}`), { priority: 10 });
    expect(await bus.publish("greet", "world")).toEqual(["Hi, world", "Hello, world"]);
  });

  test("passes all arguments through", async () => {
    const bus = new Bus();
    const seen: unknown[][] = [];
    bus.subscribe("greet", (...args) => void seen.push(args));
    await bus.publish("greet", 1, "two", undefined);
    await bus.publish("greet");
    expect(seen).toEqual([[1, "two", undefined], []]);
  });

  test("resolves to nothing on a channel that nobody listens to", async () => {
    expect(await new Bus().publish("nobody")).toEqual([]);
  });

  test("calls the first listener before it returns", () => {
    const bus = new Bus();
    let called = false;
    bus.subscribe("greet", () => called = true);
    void bus.publish("greet");
    expect(called).toBe(true);
  });

  test("calls all listeners where one throws and one rejects, and then rejects with both failures", async () => {
    const { bus } = loggedBus();
    const [thrown, rejected] = [new Error("thrown"), new Error("rejected")];
    const did: string[] = [];
    bus.subscribe("greet", () => {
      throw thrown;
    }, { name: "first" });
    bus.subscribe("greet", () => Promise.reject(rejected), { name: "second" });
    bus.subscribe("greet", () => void did.push("third"));
    const failures = await failuresOf(bus.publish("greet"));
    expect(did).toEqual(["third"]);
    expect(failures.errors).toEqual([thrown, rejected]);
    expect(failures.failures).toEqual([
      { channel: "greet", listener: "first", kind: "throw", ms: 0, error: thrown },
      { channel: "greet", listener: "second", kind: "throw", ms: 0, error: rejected },
    ]);
  });

  test("says how long a listener took to fail", async () => {
    const { bus, platform: { clock } } = loggedBus();
    bus.subscribe(
      "greet",
      () => new Promise((_, reject) => clock.setTimer(70, () => reject(new Error("late")))),
    );
    const failed = failuresOf(bus.publish("greet"));
    await clock.advance(100);
    expect((await failed).failures[0]?.ms).toBe(70);
  });

  test.each([undefined, null, 0, "text", Symbol("mark"), Object.create(null)])(
    "keeps a thrown %o as it is",
    async (value) => {
      const bus = new Bus();
      bus.subscribe("greet", () => {
        throw value;
      });
      expect((await failuresOf(bus.publish("greet"))).errors).toEqual([value]);
    },
  );

  test("may be dropped: its failures are logged", async () => {
    const { bus, platform, records } = loggedBus();
    bus.subscribe("greet", fail("no voice"), { name: "singer" });
    void bus.publish("greet");
    await platform.flush();
    expect(records).toEqual(['error: "singer" on "greet" failed: no voice']);
  });

  test("names a listener after its function where it was given no name", async () => {
    const bus = new Bus();
    bus.subscribe("greet", function singer() {
      throw new Error("no voice");
    });
    bus.subscribe("greet", (() => fail("dumb"))());
    const { failures } = await failuresOf(bus.publish("greet"));
    expect(failures.map(({ listener }) => listener)).toEqual(["singer", "anonymous"]);
  });
});

describe("ChannelFailures", () => {
  test("is an AggregateError that names its listeners and is told by its name", async () => {
    const bus = new Bus();
    bus.subscribe("greet", fail("no voice"), { name: "singer" });
    const failures = await failuresOf(bus.publish("greet"));
    expect(failures).toBeInstanceOf(AggregateError);
    expect(failures).toBeInstanceOf(ChannelFailures);
    expect(failures.name).toBe("ChannelFailures");
    expect(failures.message).toMatch(/^Cannot complete 1 of the listeners: .*singer.*greet.*no voice/);
  });
});

describe("publishSync", () => {
  test("returns what the listeners returned and awaits nothing", () => {
    const bus = new Bus();
    const promise = hang();
    bus.subscribe("greet", () => promise);
    bus.subscribe("greet", (name) => `Hello, ${name}`);
    expect(bus.publishSync("greet", "world")).toEqual([promise, "Hello, world"]);
  });

  test("calls all listeners, and then throws the failures", () => {
    const { bus } = loggedBus();
    const did: string[] = [];
    bus.subscribe("greet", fail("no voice"), { name: "singer" });
    bus.subscribe("greet", () => void did.push("second"));
    expect(() => bus.publishSync("greet")).toThrow(ChannelFailures);
    expect(did).toEqual(["second"]);
  });

  test("logs a returned promise that rejects, which is never unhandled", async () => {
    const { bus, platform, records } = loggedBus();
    bus.subscribe("greet", () => Promise.reject(new Error("no voice")), { name: "singer" });
    bus.publishSync("greet");
    await platform.flush();
    expect(records).toEqual(['error: "singer" on "greet" failed: no voice']);
  });

  test("shows a promise that it did not await in inspect() until it settles", async () => {
    const { bus, platform } = loggedBus();
    const slow = gate();
    bus.subscribe("greet", () => slow.promise, { name: "slow" });
    bus.publishSync("greet");
    await platform.clock.advance(30);
    expect(bus.inspect().channels["greet"]).toEqual([{ name: "slow", priority: 50, running: 30 }]);
    slow.open();
    await platform.flush();
    expect(bus.inspect().channels["greet"]).toEqual([{ name: "slow", priority: 50 }]);
  });

  test("takes a listener off that runs once", () => {
    const bus = new Bus();
    bus.subscribe("greet", () => "hello", { once: true });
    expect([bus.publishSync("greet"), bus.publishSync("greet")]).toEqual([["hello"], []]);
  });

  test("returns nothing on a channel that nobody listens to", () => {
    expect(new Bus().publishSync("nobody")).toEqual([]);
  });
});

describe("the bus's own channels", () => {
  test.each(["log"])("%s is one of every bus", (channel) => {
    const message = `Cannot publish on "${channel}": only the bus itself publishes on it`;
    expect(() => new Bus().publish(channel)).toThrow(new TypeError(message));
    expect(() => new Bus().publishSync(channel)).toThrow(new TypeError(message));
  });

  test.each([
    ..."initial enter idle start run drain stop exit exited start_error stop_error exit_error".split(" "),
    ..."log signal reload restart".split(" "),
  ])("%s is one of a process bus", (channel) => {
    const { bus } = testBus();
    const message = `Cannot publish on "${channel}": only the bus itself publishes on it`;
    expect(() => (bus as unknown as Bus).publish(channel)).toThrow(new TypeError(message));
    expect(() => (bus as unknown as Bus).publishSync(channel)).toThrow(new TypeError(message));
  });

  test("leave the other channels of a process bus to the application", async () => {
    const bus = new ProcessBus<{ greet: [name: string] }>({ platform: testing() });
    bus.subscribe("greet", (name) => `Hello, ${name}`);
    expect(await bus.publish("greet", "world")).toEqual(["Hello, world"]);
    expect(bus.publishSync("greet", "all")).toEqual(["Hello, all"]);
  });
});

describe("inspect", () => {
  test("tells the listeners of each channel in their order, as plain data", () => {
    const bus = new Bus({ name: "site" });
    bus.subscribe("greet", () => {}, { name: "late", priority: 90 });
    bus.subscribe("greet", () => {}, { name: "early", priority: 10 });
    const report = bus.inspect();
    expect(report).toMatchObject({
      bus: "site",
      channels: { greet: [{ name: "early", priority: 10 }, { name: "late", priority: 90 }] },
    });
    expect(JSON.parse(JSON.stringify(report))).toEqual(report);
  });

  test("tells for how long a listener has been at work", async () => {
    const { bus, platform: { clock } } = loggedBus();
    bus.subscribe("greet", hang, { name: "slow" });
    bus.publish("greet");
    await clock.advance(12);
    expect(bus.inspect().channels["greet"]).toEqual([{ name: "slow", priority: 50, running: 12 }]);
  });

  test("still names a listener at work that was taken off", async () => {
    const { bus } = loggedBus();
    bus.subscribe("greet", hang, { name: "slow", once: true });
    bus.publish("greet");
    expect(bus.inspect().channels["greet"]).toMatchObject([{ name: "slow", running: 0 }]);
  });
});

describe("bad input", () => {
  test.each([
    [undefined, '"listener" is undefined, expected a function'],
    ["sing", '"listener" is "sing", expected a function'],
    [{}, '"listener" is an object, expected a function'],
  ])("a listener that is no function is refused: %o", (listener, message) => {
    expect(() => new Bus().subscribe("greet", listener as never)).toThrow(
      new TypeError(`Cannot subscribe to "greet": ${message}`),
    );
  });

  test.each([
    [NaN, "NaN"],
    ["high", '"high"'],
    [null, "null"],
  ])("the priority %o is refused", (priority, shown) => {
    expect(() => new Bus().subscribe("greet", () => {}, { priority: priority as never })).toThrow(
      new RangeError(`Cannot subscribe to "greet": the priority is ${shown}, expected a number`),
    );
  });

  test.each([NaN, -1, 2 ** 31, Infinity, "1s"])("a time of %o is refused", (within) => {
    const { bus } = loggedBus();
    expect(() => bus.subscribe("greet", () => {}, { within: within as never })).toThrow(RangeError);
  });

  test("unknown options are refused and named", () => {
    expect(() => new Bus().subscribe("greet", () => {}, { prio: 5 } as never)).toThrow(
      'Cannot subscribe to "greet": unknown option "prio", expected one of priority, name, within, once, signal',
    );
    expect(() => new Bus().subscribe("greet", () => {}, 5 as never)).toThrow(TypeError);
    expect(() => new Bus({ nmae: "site" } as never)).toThrow('Cannot make the bus: unknown option "nmae"');
  });

  test.each([undefined, null, 7, "", Symbol("greet")])("%o is the name of no channel", (channel) => {
    const bus = new Bus();
    expect(() => bus.subscribe(channel as never, () => {})).toThrow(TypeError);
    expect(() => bus.publish(channel as never)).toThrow(TypeError);
    expect(() => bus.publishSync(channel as never)).toThrow(TypeError);
  });

  test.each(["", 7, null])("%o is the name of no bus and no listener", (name) => {
    expect(() => new Bus({ name: name as never })).toThrow(TypeError);
    expect(() => new Bus().subscribe("greet", () => {}, { name: name as never })).toThrow(TypeError);
  });

  test("what was refused has subscribed nothing", () => {
    const bus = new Bus();
    expect(() => bus.subscribe("greet", () => {}, { priority: NaN })).toThrow();
    expect(bus.inspect().channels["greet"] ?? []).toEqual([]);
  });
});

test("publishSync calls no listener that another one has removed before its turn", () => {
  const bus = new Bus<{ greet: [] }>();
  const did: string[] = [];
  const later = () => void did.push("later");
  bus.subscribe("greet", () => {
    did.push("first");
    bus.unsubscribe("greet", later);
  });
  bus.subscribe("greet", later);
  bus.subscribe("greet", () => did.push("last"));
  expect([bus.publishSync("greet"), did]).toEqual([[undefined, 2], ["first", "last"]]);
});
