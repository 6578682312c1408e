import { describe, expect, test } from "vitest";
import { Bus, type LogRecord, ProcessBus } from "../../mod.ts";
import { testing } from "../../platforms/testing.ts";
import { fail, testBus } from "./_test_bus.ts";

/** A bus, and who took which record, as "listener: message". */
function makeBus() {
  const platform = testing({ clock: 1000 });
  const bus = new ProcessBus({ name: "site", platform });
  const took: string[] = [];
  const take = (name: string, work?: (record: LogRecord) => unknown) => {
    const listen = (record: LogRecord) => {
      took.push(`${name}: ${record.message}`);
      return work?.(record);
    };
    bus.subscribe("log", listen, { name });
  };
  return { bus, platform, took, take };
}

describe("a record", () => {
  test("has time, level, message, bus, state and whatever else was told", async () => {
    const { bus, platform } = makeBus();
    const records: LogRecord[] = [];
    bus.subscribe("log", (record) => void records.push(record));
    await platform.clock.advance(5);
    const error = new Error("disk full");
    bus.log("Cannot save", { level: "error", error, file: "a.txt" });
    expect(records).toEqual([
      {
        time: 1005,
        level: "error",
        message: "Cannot save",
        bus: "site",
        state: "initial",
        error,
        file: "a.txt",
      },
    ]);
  });

  test("is of level info by default", () => {
    const bus = new Bus<{ log: [record: LogRecord] }>();
    const levels: string[] = [];
    bus.subscribe("log", ({ level }) => void levels.push(level));
    bus.log("hello");
    expect(levels).toEqual(["info"]);
  });

  test("keeps its own time, message and bus, whatever the details say", () => {
    const { bus } = makeBus();
    const records: LogRecord[] = [];
    bus.subscribe("log", (record) => void records.push(record));
    bus.log("hello", { time: 1, message: "other", bus: "other" } as never);
    expect(records).toMatchObject([{ time: 1000, message: "hello", bus: "site" }]);
  });

  test("comes to the listeners by priority, at once", () => {
    const { bus, took } = makeBus();
    bus.subscribe("log", () => void took.push("late"), { priority: 60 });
    bus.subscribe("log", () => void took.push("early"), { priority: 40 });
    bus.log("hello");
    expect(took).toEqual(["early", "late"]);
  });

  test("comes once to a listener that runs once", () => {
    const { bus, took } = makeBus();
    bus.subscribe("log", ({ message }) => void took.push(message), { once: true });
    bus.log("one");
    bus.log("two");
    expect(took).toEqual(["one"]);
  });
});

describe("a listener that fails", () => {
  test("keeps no other from the record, which tell of its failure", () => {
    const { bus, took, take } = makeBus();
    take("broken", fail("no paper"));
    take("sound");
    bus.log("hello");
    expect(took).toEqual([
      "broken: hello",
      'sound: Log listener "broken" failed: no paper',
      "sound: hello",
    ]);
  });

  test("does not see the record of its own failure, where it rejects either", async () => {
    const { bus, platform, took, take } = makeBus();
    take("broken", () => Promise.reject(new Error("no paper")));
    take("sound");
    bus.log("hello");
    await platform.flush();
    expect(took).toEqual(["broken: hello", "sound: hello", 'sound: Log listener "broken" failed: no paper']);
  });

  test("and another that fails do not keep each other busy", () => {
    const { bus, took, take } = makeBus();
    take("one", fail("no paper"));
    take("two", fail("no ink"));
    bus.log("hello");
    expect(took).toEqual([
      "one: hello",
      'two: Log listener "one" failed: no paper',
      "two: hello",
      'one: Log listener "two" failed: no ink',
    ]);
  });

  test("and another that rejects do not keep each other busy for ever", async () => {
    const { bus, platform, took, take } = makeBus();
    const few = () => {
      if (took.length < 50) throw new Error("no paper");
    };
    take("one", async () => few());
    take("two", async () => few());
    bus.log("hello");
    await platform.flush();
    expect(took.length).toBe(4);
  });

  test("fails no publish, no start and no stop", async () => {
    const { bus, platform, take } = makeBus();
    take("broken", fail("no paper"));
    await platform.settle(bus.start());
    await platform.settle(bus.exit());
    expect(platform.exits).toMatchObject([{ code: 0 }]);
  });
});

describe("a listener that logs", () => {
  test("does not see what it logs, while the others do", () => {
    const { bus, took, take } = makeBus();
    take("chatty", () => bus.log("I was told"));
    take("quiet");
    bus.log("hello");
    expect(took).toEqual(["chatty: hello", "quiet: I was told", "quiet: hello"]);
  });
});

describe("what no listener took", () => {
  test.each(["warn", "error"] as const)("goes to the platform where it is of level %s", (level) => {
    const { bus, platform } = makeBus();
    bus.log("careful", { level });
    expect(platform.reports).toMatchObject([{ message: "careful", level }]);
  });

  test.each(["debug", "info"] as const)("is gone where it is of level %s", (level) => {
    const { bus, platform } = makeBus();
    bus.log("by the way", { level });
    expect(platform.reports).toEqual([]);
  });

  test("is not reported where a listener took it", () => {
    const { bus, platform, take } = makeBus();
    take("sound");
    bus.log("careful", { level: "warn" });
    expect(platform.reports).toEqual([]);
  });

  test("is the failure of the only log listener", () => {
    const { bus, platform, take } = makeBus();
    take("broken", fail("no paper"));
    bus.log("hello");
    expect(platform.reports.map(({ message }) => message)).toEqual([
      'Log listener "broken" failed: no paper',
    ]);
  });

  test("is forgotten where the platform's last resort fails too", () => {
    const platform = { ...testing(), report: fail("no stderr") };
    const bus = new ProcessBus({ platform });
    expect(() => bus.log("careful", { level: "error" })).not.toThrow();
  });
});

test("each state is logged when it is entered, before its listeners run", async () => {
  const { bus, settle, records, note, did } = testBus();
  bus.subscribe("log", ({ message }) => void (message.startsWith("Bus state") && did.push(message)));
  bus.subscribe("start", note("start listener"));
  await settle(bus.start());
  expect(did).toEqual([
    "Bus state: enter",
    "Bus state: idle",
    "Bus state: start",
    "start listener",
    "Bus state: run",
  ]);
  expect(records.every(({ level, event }) => level === (event === "settled" ? "debug" : "info"))).toBe(true);
});
