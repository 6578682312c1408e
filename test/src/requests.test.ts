import { describe, expect, test } from "vitest";
import { type Goal, guest, type Phase, type Reason, type RequestDetails } from "../../mod.ts";
import { LIFE, outcome, testBus } from "./_test_bus.ts";

const NO_GOALS: Readonly<Record<string, unknown>> = {
  "reload": "reload",
  "bogus": "bogus",
  "a state": "run",
  "an inherited property": "constructor",
  "an empty text": "",
  "null": null,
  "nothing": undefined,
  "a number": 1,
  "a symbol": Symbol("exit"),
  "an object": { toString: () => "exit" },
};

describe("a phase refuses", () => {
  test.each(Object.entries(NO_GOALS))(
    "a goal that is none, in the listener that asks: %s",
    async (_, goal) => {
      const { bus, settle, path } = testBus();
      bus.subscribe("run", (phase) => phase.request(goal as Goal));
      const failed = await settle(bus.start().catch((error: unknown) => error)) as AggregateError;
      expect(failed.errors[0]).toBeInstanceOf(TypeError);
      expect(String(failed.errors[0])).toMatch(
        /Cannot request .*expected one of start, graceful, stop, restart, exit/,
      );
      await settle(bus.exit()).catch(() => {});
      expect(path()).toBe("enter idle start run start_error drain stop idle exit exited");
    },
  );

  test.each([NaN, 1.5, -1, 256, "3", null])("an exit code that is none: %s", async (code) => {
    const { bus, settle } = testBus();
    let thrown: unknown;
    bus.subscribe("run", (phase) => {
      try {
        phase.request("exit", { code } as RequestDetails);
      } catch (error) {
        thrown = error;
      }
    });
    await settle(bus.start());
    expect(thrown).toBeInstanceOf(RangeError);
    expect(bus.state).toBe("run");
  });

  test.each([null, 1, "now"])("details that are none: %s", async (details) => {
    const { bus, settle } = testBus();
    let thrown: unknown;
    bus.subscribe("run", (phase) => {
      try {
        phase.request("exit", details as RequestDetails);
      } catch (error) {
        thrown = error;
      }
    });
    await settle(bus.start());
    expect(String(thrown)).toMatch(/the details are .*expected an object/);
  });
});

describe("of the details of a request, a phase takes", () => {
  const undocumented = { leftMs: 0, by: "signal", name: "SIGTERM", number: 15, calledAs: "me" };

  test("no more than is documented", async () => {
    const { bus, settle } = testBus();
    let reason: Reason | undefined;
    bus.subscribe("start", (phase) => phase.request("stop", undocumented as RequestDetails));
    bus.subscribe("stop", (phase) => void (reason = phase.reason));
    await settle(bus.start()).catch(() => {});
    expect(reason).toEqual({ by: "call" });
  });

  test.each([NaN, 0, -1, "soon"])("no time from them: leftMs %s", async (leftMs) => {
    const { bus, settle } = testBus();
    const left: number[] = [];
    bus.subscribe("run", (phase) => phase.request("exit", { leftMs } as RequestDetails));
    bus.subscribe("stop", (phase) => void left.push(phase.left()));
    await settle(bus.run());
    expect(left).toEqual([10_000]);
  });

  test("their getters into the failure of the listener that asks", async () => {
    const { bus, settle, path } = testBus();
    const details = {
      get code(): number {
        throw new Error("odd");
      },
    };
    bus.subscribe("run", (phase) => phase.request("exit", details));
    expect(await settle(bus.run())).toBe(70);
    expect(path()).toMatch(/^enter idle start run start_error drain stop idle exit exited$/);
  });
});

describe("a platform's request", () => {
  test.each(Object.entries(NO_GOALS).filter(([name]) => name !== "reload"))(
    "of a goal that is none is logged, and asks for nothing: %s",
    async (_, goal) => {
      const { bus, platform, settle, records } = testBus();
      await settle(bus.start());
      platform.control!.request(goal as Goal, { by: "host" });
      await platform.flush();
      expect(bus.state).toBe("run");
      const errors = records.filter(({ level }) => level === "error").map(({ message }) => message);
      expect(errors).toEqual([
        expect.stringMatching(/^Cannot request .*expected one of .*reload, inspect, none$/),
      ]);
    },
  );

  test.each([
    ["by", "nobody"],
    ["by", undefined],
    ["name", 5],
    ["calledAs", {}],
    ["number", 1.5],
    ["number", 200],
    ["number", -1],
    ["leftMs", NaN],
    ["leftMs", "soon"],
    ["code", 256],
    ["code", "1"],
  ])("is taken without a field that is wrong, which is logged: %s %s", async (field, value) => {
    const { bus, platform, settle, logged } = testBus();
    await settle(bus.start());
    let reason: Record<string, unknown> = {};
    bus.subscribe("drain", (phase) => void (reason = { ...phase.reason }));
    platform.control!.request("exit", { by: "host", [field]: value } as Reason);
    expect(await settle(bus.block())).toBe(0);
    expect(reason).toEqual({ by: "host" });
    expect(logged(new RegExp(`^Cannot use a part of a request: "${field}" is`))).toBe(1);
  });

  test.each([undefined, null, 5, "SIGTERM"])("is taken whatever its reason is: %s", async (reason) => {
    const { bus, platform, settle } = testBus();
    await settle(bus.start());
    platform.control!.request("exit", reason as unknown as Reason);
    expect(await settle(bus.block())).toBe(0);
  });

  test.each(["by", "name", "number", "leftMs", "code", "error"])(
    "throws nothing where a field cannot be read: %s",
    async (field) => {
      const { bus, platform, settle, logged } = testBus();
      await settle(bus.start());
      const reason = Object.defineProperty({ by: "host" }, field, {
        get() {
          throw new Error("odd");
        },
      });
      platform.control!.request("exit", reason as Reason);
      expect(await settle(bus.block())).toBe(0);
      expect(logged(new RegExp(`"${field}" cannot be read`))).toBe(1);
    },
  );
});

describe("a guest's request", () => {
  test.each(Object.entries(NO_GOALS).filter(([name]) => name !== "reload"))(
    "of a goal that is none rejects: %s",
    async (_, goal) => {
      const { bus, platform, settle } = testBus();
      const shop = guest(bus, "shop", ["exit", "reload"]);
      await settle(bus.start());
      expect(await outcome(platform, shop.request(goal as Goal))).toMatchObject({ name: "RightError" });
      expect(bus.state).toBe("run");
    },
  );

  test.each(["veto", "critical", "publish:own"])("of a right that is no goal rejects: %s", async (right) => {
    const { bus, platform } = testBus();
    const shop = guest(bus, "shop", ["veto", "critical", "publish:own"]);
    expect(await outcome(platform, shop.request(right as Goal))).toBeInstanceOf(TypeError);
  });

  test("with an exit code that is none rejects", async () => {
    const { bus, platform } = testBus();
    const shop = guest(bus, "shop", ["exit"]);
    expect(await outcome(platform, shop.request("exit", { code: 999 }))).toBeInstanceOf(RangeError);
    expect(bus.state).toBe("initial");
  });

  test("from its phase passes the same check", async () => {
    const { bus, settle, logged, path } = testBus();
    const shop = guest(bus, "shop", ["exit"]);
    shop.subscribe("run", (phase: Phase) => phase.request("bogus" as Goal));
    shop.subscribe("run", (phase: Phase) => phase.request("exit", { leftMs: 0 } as RequestDetails));
    await settle(bus.run());
    expect(path()).toBe(LIFE);
    expect(logged(/has no right|Cannot use the right "bogus"/)).toBe(1);
  });
});

describe("a bus refuses", () => {
  test.each([NaN, 1.5, -1, 256, "1", null])("an exit code that is none: %s", (code) => {
    const { bus } = testBus();
    expect(() => bus.exit(code as number)).toThrow(RangeError);
    expect(bus.state).toBe("initial");
  });

  test.each([NaN, -1, Infinity, "1", null])("milliseconds that are none: %s", async (ms) => {
    const { bus, settle } = testBus();
    const odd = ms as number;
    expect(() => bus.subscribe("stop", () => {}, { within: odd })).toThrow(RangeError);
    expect(() => bus.use({ name: "a", startWithin: odd })).toThrow(RangeError);
    expect(() => bus.use({ name: "a", drainWithin: odd })).toThrow(RangeError);
    expect(() => bus.use({ name: "a", stopWithin: odd })).toThrow(RangeError);
    expect(() => bus.check({ within: odd })).toThrow(RangeError);
    expect(() => bus.wait("run", { timeout: odd })).toThrow(RangeError);
    expect(() => testBus({ deadlines: { stop: odd } })).toThrow(RangeError);
    expect(() => testBus({ atMost: { stop: odd } })).toThrow(RangeError);
    const thrown: unknown[] = [];
    bus.subscribe("start", (phase) => {
      for (const method of ["extend", "delay"] as const) {
        try {
          void phase[method](odd);
        } catch (error) {
          thrown.push(error);
        }
      }
    });
    await settle(bus.start());
    expect(thrown).toEqual([expect.any(RangeError), expect.any(RangeError)]);
  });

  test("to use a time that a component sets once it is used", async () => {
    const { bus, settle, path } = testBus();
    const component = {
      name: "a",
      startWithin: 1_000,
      drainWithin: 1_000,
      stopWithin: 1_000,
      dependsOn: ["b"],
    };
    bus.use({ name: "b" });
    bus.use(component);
    Object.assign(component, {
      startWithin: NaN,
      drainWithin: NaN,
      stopWithin: NaN,
      dependsOn: ["c"],
      name: "d",
    });
    expect(await settle(Promise.all([bus.start(), bus.exit()]).catch(() => {}))).toBe(undefined);
    expect(path()).toMatch(/exited$/);
  });
});
