import { describe, expect, onTestFinished, test, vi } from "vitest";
import { ProcessBus } from "../../mod.ts";
import { windows, type WindowsOptions } from "../../platforms/windows.ts";
import { windowsRuntimes } from "../../scripts/windows/builds.ts";
import { runtime } from "../spawn.ts";
import type { ConsoleEvent } from "../windows/console_events.ts";
import { readRecorded, type Recorded } from "../windows/recorded.ts";
import { conformance, ofProcess, recordedControl } from "./conformance.ts";
import { fakeProcess } from "./fake_process.ts";
import { type FakeWindows, fakeWindows } from "./windows/fake_windows.ts";

for (const runtime of windowsRuntimes) {
  conformance(`Windows on ${runtime}`, () => {
    const fake = fakeWindows(runtime);
    const { process, win32 } = fake;
    const options = { process, win32, named: true, service: true };
    return {
      platform: windows(options),
      second: () => windows(options),
      signal: { name: "CTRL_C", number: 2 },
      deliver: (name) => void fake.deliver(name as "CTRL_C"),
      exitCode: () => process.exitCode as number | undefined,
      left: () => [...process.exits.map((code) => `an exit with ${code}`), ...fake.open().map(String)],
    };
  }, ofProcess);
}

describe("windows()", () => {
  const on = (options: object) => () => windows({ process: fakeProcess({ platform: "win32" }), ...options });
  const refused: readonly [title: string, make: () => unknown, message: string][] = [
    ["an unknown option", on({ signals: {} }), 'unknown option "signals", expected one of events'],
    [
      "an unknown event",
      on({ events: { CTRL_D: "exit" } }),
      'unknown option "CTRL_D", expected one of CTRL_C',
    ],
    ["an unknown goal", on({ events: { CTRL_C: "quit" } }), '"CTRL_C" is set to "quit", expected one of'],
    ["events that are no table", on({ events: "CTRL_C" }), "expected an object"],
    ["a grace that is NaN", on({ graceMs: NaN }), '"graceMs" is NaN, expected milliseconds'],
    ["uncaught that is no choice", on({ uncaught: "log" }), '"uncaught" is "log", expected true or false'],
    ["restart without arguments", on({ restart: {} }), '"restart.args" is undefined'],
    ["events that are null", on({ events: null }), '"events" is null, expected an object'],
    ["events that are an array", on({ events: [] }), '"events" is an array, expected an object'],
    [
      "a scope without its name",
      on({ named: "machine" }),
      '"named" is "machine", expected true, false or an object',
    ],
    ["named that is an array", on({ named: [] }), '"named" is an array, expected true, false or an object'],
    [
      "service that is an array",
      on({ service: [] }),
      '"service" is an array, expected true, false or an object',
    ],
    ["restart that is null", on({ restart: null }), '"restart" is null, expected an object'],
    [
      "a Windows that cannot be called",
      on({ win32: {} }),
      '"win32.openEvent" is undefined, expected a function',
    ],
    ["named that is no choice", on({ named: "yes" }), '"named"'],
    ["a scope that there is not", on({ named: { scope: "world" } }), '"named.scope" is "world"'],
    ["an unknown option of named", on({ named: { prefix: "x" } }), 'unknown option "prefix"'],
    [
      "an unknown value of service",
      on({ service: { stdin: 1 } }),
      '"service.stdin" is 1, expected true or false',
    ],
    [
      "Linux",
      () => windows({ process: fakeProcess({ platform: "linux" }) }),
      'Cannot use the Windows platform: the operating system is "linux"',
    ],
  ];
  test.each(refused)("refuses %s at once", (_title, make, message) => {
    expect(make).toThrow(message);
  });

  test("tells the core how long the supervisor waits before it kills the process", () => {
    expect(on({})().traits.notice).toEqual({ kind: "CTRL_C", graceMs: 30_000 });
    expect(on({ graceMs: 5000 })().traits.notice).toEqual({ kind: "CTRL_C", graceMs: 5000 });
  });

  test("adds no listener and calls nothing of Windows before it is attached", () => {
    const fake = fakeWindows("deno");
    windows({ ...given(fake), named: true, service: { stdin: true, message: true } });
    expect(fake.process.listenerTotal()).toBe(0);
    expect(fake.open()).toEqual([]);
  });

  test("is refused in a worker thread, naming embedded()", () => {
    const { process } = fakeWindows("node26", {
      process: fakeProcess({ isMainThread: false, platform: "win32" }),
    });
    expect(() => windows({ process }).attach(recordedControl("shop"))).toThrow(/"shop".*embedded\(\)/);
  });
});

/** The request of each event on a runtime that reports it by itself. */
const own: readonly [name: ConsoleEvent, goal: string, reason: object][] = [
  ["CTRL_C", "exit", { by: "signal", name: "CTRL_C", calledAs: "SIGINT", number: 2 }],
  ["CTRL_BREAK", "inspect", { by: "signal", name: "CTRL_BREAK", calledAs: "SIGBREAK", number: 21 }],
];

describe.each(windowsRuntimes)("the console events on %s", (runtime) => {
  test.each(own)("%s asks for %s", async (name, goal, reason) => {
    const fake = fakeWindows(runtime);
    const control = recordedControl();
    await windows(given(fake)).attach(control);
    expect(fake.deliver(name)).toBe("returned");
    expect(control.requests).toEqual([{ goal, reason }]);
  });

  test("CTRL_CLOSE asks for exit within 4.5 s, and Windows is held meanwhile", async () => {
    const fake = fakeWindows(runtime);
    const control = recordedControl();
    const platform = windows(given(fake));
    await platform.attach(control);
    expect(fake.deliver("CTRL_CLOSE")).toBe("held");
    expect(control.requests).toEqual([{
      goal: "exit",
      reason: {
        by: "signal",
        name: "CTRL_CLOSE",
        // On Deno our thread receives the event, and the runtime does not.
        ...runtime !== "deno" && { calledAs: "SIGHUP" },
        number: 1,
        leftMs: 4500,
      },
    }]);
    expect(control.logs).toEqual([]);
    await platform.leave({ code: 0, forced: false, leftMs: 60_000 });
  });

  test("CTRL_CLOSE does not cut off the last output, and the next bus receives it", async () => {
    const fake = fakeWindows(runtime);
    const [first, second] = [recordedControl("first"), recordedControl("second")];
    const platform = windows(given(fake));
    await platform.attach(first);
    await platform.leave({ code: 0, forced: false, leftMs: 60_000 });
    expect(fake.deliver("CTRL_CLOSE")).toBe("held");
    expect(first.requests).toEqual([]);
    await windows(given(fake)).attach(second);
    expect(fake.deliver("CTRL_CLOSE")).toBe("held");
    expect([first, second].map(({ requests }) => requests.length)).toEqual([0, 1]);
    expect(fake.process.exits).toEqual([]);
  });

  test("CTRL_SHUTDOWN leaves a service 19.5 s", async () => {
    const fake = fakeWindows(runtime);
    const control = recordedControl();
    await windows({ ...given(fake), service: true }).attach(control);
    const name = "CTRL_SHUTDOWN";
    expect(fake.deliver(name)).toBe("held");
    expect(control.requests).toEqual([
      { goal: "exit", reason: { by: "signal", name, number: 15, leftMs: 19_500 } },
    ]);
    expect(control.logs).toEqual([]);
  });

  test("CTRL_LOGOFF, which a service receives for every user who logs off, ends a service only if its table says so", async () => {
    const requests = async (events: WindowsOptions["events"]) => {
      const fake = fakeWindows(runtime);
      const control = recordedControl();
      const platform = windows({ ...given(fake), service: true, ...events && { events } });
      await platform.attach(control);
      fake.deliver("CTRL_LOGOFF");
      return control.requests.map(({ goal, reason: { leftMs } }) => [goal, leftMs]);
    };
    expect(await requests(undefined)).toEqual([]);
    expect(await requests({ CTRL_LOGOFF: "exit" })).toEqual([["exit", 4500]]);
  });

  test("CTRL_SHUTDOWN is received outside a service if the table names it, and otherwise only on Deno", async () => {
    const requests = async (events: WindowsOptions["events"]) => {
      const fake = fakeWindows(runtime);
      const control = recordedControl();
      await windows({ ...given(fake), ...events && { events } }).attach(control);
      fake.deliver("CTRL_SHUTDOWN");
      expect(control.logs).toEqual([]);
      return control.requests.map(({ goal, reason: { leftMs } }) => [goal, leftMs]);
    };
    expect(await requests(undefined)).toEqual(runtime === "deno" ? [["exit", 4500]] : []);
    expect(await requests({ CTRL_SHUTDOWN: "stop" })).toEqual([["stop", 4500]]);
  });

  test("that do not end the process do not hold Windows, and the next one is received", async () => {
    const fake = fakeWindows(runtime);
    const control = recordedControl();
    const events = { CTRL_LOGOFF: "inspect" } as const;
    await windows({ ...given(fake), service: true, events }).attach(control);
    const delivered = (["CTRL_LOGOFF", "CTRL_LOGOFF", "CTRL_SHUTDOWN"] as const).map(fake.deliver);
    expect(delivered).toEqual(["returned", "returned", "held"]);
    expect(control.requests.map(({ goal }) => goal)).toEqual(["inspect", "inspect", "exit"]);
  });

  test("that are null are left to the runtime, and Windows is not called for them", async () => {
    const fake = fakeWindows(runtime);
    const control = recordedControl();
    const events = {
      CTRL_C: null,
      CTRL_BREAK: null,
      CTRL_CLOSE: null,
      CTRL_LOGOFF: null,
      CTRL_SHUTDOWN: null,
    };
    await windows({ process: fake.process, events, service: true }).attach(control);
    expect(fake.deliver("CTRL_C")).toBe("nobody");
    expect(control.logs).toEqual([]);
    expect(control.requests).toEqual([]);
  });

  test("ask for the goals in the table", async () => {
    const fake = fakeWindows(runtime);
    const control = recordedControl();
    await windows({ ...given(fake), events: { CTRL_C: "stop", CTRL_BREAK: "restart", CTRL_CLOSE: "none" } })
      .attach(control);
    for (const name of ["CTRL_C", "CTRL_BREAK", "CTRL_CLOSE"] as const) fake.deliver(name);
    expect(control.requests.map(({ goal }) => goal)).toEqual(["stop", "restart", "none"]);
  });

  test("that Windows gives notice of shorten a stop that Ctrl-C began, and do not force it", async () => {
    const fake = fakeWindows(runtime);
    const bus = new ProcessBus({ name: "subject", platform: windows(given(fake)) });
    const left: number[] = [];
    const messages: string[] = [];
    bus.subscribe("log", ({ message }) => void messages.push(message));
    bus.subscribe("stop", async (phase) => {
      left.push(phase.left());
      // Late enough to count as a second request.
      await phase.delay(520);
      fake.deliver("CTRL_CLOSE");
      left.push(phase.left());
    });
    const code = bus.run();
    await bus.wait("run");
    fake.deliver("CTRL_C");
    expect(await code).toBe(0);
    expect(left[0]).toBeGreaterThan(9000);
    expect(left[1]).toBeLessThan(4500);
    expect(messages.filter((message) => message.startsWith("Forced"))).toEqual([]);
  });

  test("that Windows gives notice of do not force a restart that Ctrl-Break began", async () => {
    const fake = fakeWindows(runtime);
    const control = recordedControl();
    await windows({ ...given(fake), events: { CTRL_BREAK: "restart" } }).attach(control);
    fake.deliver("CTRL_BREAK");
    fake.deliver("CTRL_CLOSE");
    expect(control.requests.map(({ goal, reason: { leftMs } }) => [goal, leftMs])).toEqual([
      ["restart", undefined],
      ["none", 4500],
    ]);
  });

  test("a second Ctrl-C forces the end with 130", async () => {
    const fake = fakeWindows(runtime);
    const bus = new ProcessBus({ name: "subject", platform: windows(given(fake)) });
    bus.subscribe("log", () => {});
    bus.subscribe("stop", () => new Promise(() => {}));
    const code = bus.run();
    await bus.wait("run");
    fake.deliver("CTRL_C");
    await new Promise((resolve) => setTimeout(resolve, 520));
    fake.deliver("CTRL_C");
    expect(await code).toBe(130);
    expect(fake.process.exits).toEqual([130]);
  });
});

describe("where Deno may not call Windows", () => {
  test("it warns once that there is no time, and names the missing flag", async (context) => {
    if (runtime === "deno") context.skip("it would be this Deno, which may");
    const { process } = fakeWindows("deno");
    const control = recordedControl();
    await windows({ process }).attach(control);
    expect(control.logs).toEqual([{
      level: "warn",
      message: "There is no time to stop after CTRL_CLOSE, CTRL_LOGOFF, CTRL_SHUTDOWN: " +
        "Cannot call Windows: Deno may not; pass --allow-ffi",
    }]);
  });

  test("it listens for Deno's signals, and each request leaves no time", async (context) => {
    if (runtime === "deno") context.skip("it would be this Deno, which may");
    const { control, process, platform, deliver, listening } = await withoutCalls({});
    for (const name of ["CTRL_CLOSE", "CTRL_SHUTDOWN"] as const) deliver(name);
    expect(control.requests.map(({ goal, reason: { name, leftMs } }) => [goal, name, leftMs])).toEqual([
      ["exit", "CTRL_CLOSE", 0],
      // The first event has asked for the exit; this one only repeats the time left.
      ["none", "CTRL_SHUTDOWN", 0],
    ]);
    await platform.leave({ code: 0, forced: false, leftMs: 60_000 });
    expect(listening()).toEqual(["SIGHUP", "SIGTERM"]);
    // Until the next bus takes the process.
    await windows({ process, events: { CTRL_CLOSE: null, CTRL_SHUTDOWN: null } }).attach(recordedControl());
    expect(listening()).toEqual([]);
  });

  test("a service does not listen for SIGTERM, by which Deno also reports that a user logs off", async (context) => {
    if (runtime === "deno") context.skip("it would be this Deno, which may");
    const { control, deliver } = await withoutCalls({ service: true });
    deliver("CTRL_LOGOFF");
    expect(control.requests).toEqual([]);
    deliver("CTRL_CLOSE");
    expect(control.requests).toHaveLength(1);
  });

  /** A platform on a Deno that may not call Windows, with signal listeners that the test can call. */
  async function withoutCalls(options: WindowsOptions) {
    const listeners = new Map<string, () => void>();
    vi.stubGlobal("Deno", {
      permissions: { querySync: () => ({ state: "prompt" }) },
      addSignalListener: (name: string, listener: () => void) => listeners.set(name, listener),
      removeSignalListener: (name: string) => listeners.delete(name),
    });
    onTestFinished(() => void vi.unstubAllGlobals());
    const control = recordedControl();
    const { process } = fakeWindows("deno");
    const platform = windows({ ...options, process });
    await platform.attach(control);
    const recorded = readRecorded("deno").events["Deno.addSignalListener"];
    const deliver = (name: ConsoleEvent) => listeners.get(recorded?.[name].signal ?? "")?.();
    return { control, process, platform, deliver, listening: () => [...listeners.keys()] };
  }
});

describe("a fake Windows", () => {
  test("does only what a test under Wine has recorded", async () => {
    const recorded = readRecorded("node26");
    const { CTRL_C: _, ...others } = recorded.events["process.on"] as Record<string, object>;
    const fake = fakeWindows("node26", {
      recorded: { ...recorded, events: { "process.on": others } } as Recorded,
    });
    await windows(given(fake)).attach(recordedControl());
    expect(() => fake.deliver("CTRL_C")).toThrow('no test under Wine recorded "CTRL_C"');
  });

  test("fails at a call that was not recorded", async () => {
    const recorded = readRecorded("node26");
    const calls = { ...recorded.calls, openEvent: { event: "handle" } };
    const fake = fakeWindows("node26", { recorded: { ...recorded, calls } as never });
    const control = recordedControl();
    await windows({ ...given(fake), named: true }).attach(control);
    expect(control.logs).toEqual([{
      level: "warn",
      message: 'There are no named events: Cannot fake openEvent: no test under Wine recorded "missing"',
    }]);
  });
});

function given({ process, win32 }: FakeWindows): WindowsOptions {
  return { process, win32 };
}
