import { describe, expect, test } from "vitest";
import { posix } from "../../platforms/posix.ts";
import { fakeProcess } from "./fake_process.ts";
import { conformance, ofProcess, recordedControl } from "./conformance.ts";

conformance("POSIX", () => {
  const process = fakeProcess();
  return {
    platform: posix({ process }),
    second: () => posix({ process }),
    deliver: (name) => void process.emit(name),
    exitCode: () => process.exitCode as number | undefined,
    left: () => process.exits.map((code) => `an exit with ${code}`),
  };
}, ofProcess);

describe("posix()", () => {
  const refused: readonly [title: string, make: () => unknown, message: string][] = [
    [
      "an unknown option",
      () => posix({ graceMS: 1 } as object),
      'unknown option "graceMS", expected one of signals',
    ],
    ["an unknown signal", () => posix({ signals: { SIGFOO: "exit" } as object }), 'the signal is "SIGFOO"'],
    [
      "SIGKILL",
      () => posix({ signals: { SIGKILL: "exit" } as object }),
      "no program can take it, expected one of SIGHUP",
    ],
    [
      "SIGSTOP",
      () => posix({ signals: { SIGSTOP: null } as object }),
      'the signal is "SIGSTOP", no program can take it',
    ],
    ["a signal of Windows", () => posix({ signals: { SIGBREAK: "exit" } }), '"linux" has none of that name'],
    [
      "an unknown goal",
      () => posix({ signals: { SIGTERM: "quit" as "exit" } }),
      '"SIGTERM" is set to "quit", expected one of',
    ],
    ["signals that are no table", () => posix({ signals: "SIGTERM" as never }), "expected an object"],
    ["a grace that is NaN", () => posix({ graceMs: NaN }), '"graceMs" is NaN, expected milliseconds'],
    ["a negative grace", () => posix({ graceMs: -1 }), '"graceMs" is -1, expected milliseconds'],
    ["an endless grace", () => posix({ graceMs: Infinity }), '"graceMs" is Infinity, expected milliseconds'],
    [
      "an unknown value of uncaught",
      () => posix({ uncaught: "log" as unknown as true }),
      '"uncaught" is "log"',
    ],
    [
      "an unknown kind of uncaught",
      () => posix({ uncaught: { exceptions: true } as object }),
      '"exceptions"',
    ],
    ["an unknown first signal", () => posix({ firstSignal: "stop" as "ask" }), '"firstSignal" is "stop"'],
    ["an unknown second signal", () => posix({ secondSignal: "no" as "ignore" }), '"force" or "ignore"'],
    ["an unknown way to end", () => posix({ exitBy: "kill" as "code" }), '"exitBy" is "kill"'],
    ["stdin that is no choice", () => posix({ stdin: "end" as unknown as true }), '"stdin" is "end"'],
    [
      "restart without arguments",
      () => posix({ restart: {} as { args: [] } }),
      '"restart.args" is undefined',
    ],
    [
      "an unknown option of restart",
      () => posix({ restart: { flags: [] } as object as { args: [] } }),
      '"flags"',
    ],
    [
      "Windows",
      () => posix({ process: fakeProcess({ platform: "win32" }) }),
      'Cannot use the POSIX platform: the operating system is "windows"',
    ],
    [
      "an unknown operating system",
      () => posix({ process: fakeProcess({ platform: "plan9" }) }),
      'is "plan9"',
    ],
  ];
  test.each(refused)("refuses %s at once", (_title, make, message) => {
    expect(make).toThrow(message);
  });

  test("tells the core how long the host waits after SIGTERM", () => {
    const process = fakeProcess();
    expect(posix({ process }).traits.notice).toEqual({ kind: "SIGTERM", graceMs: 30_000 });
    expect(posix({ process, graceMs: 5000 }).traits.notice).toEqual({ kind: "SIGTERM", graceMs: 5000 });
  });

  test("adds no listener before it is attached", () => {
    const process = fakeProcess();
    posix({ process, uncaught: true });
    expect(process.listenerTotal()).toBe(0);
  });

  test("asks for the goals in the table, and leaves signals that are null to the runtime", async () => {
    const process = fakeProcess();
    const control = recordedControl();
    const platform = posix({ process, signals: { SIGTERM: "stop", SIGINT: null, SIGUSR1: "restart" } });
    await platform.attach(control);
    expect(process.emit("SIGINT")).toBe(false);
    for (const name of ["SIGTERM", "SIGUSR1", "SIGUSR2", "SIGQUIT", "SIGHUP"]) process.emit(name);
    expect(control.requests.map(({ goal, reason }) => [reason.name, goal])).toEqual([
      ["SIGTERM", "stop"],
      ["SIGUSR1", "restart"],
      ["SIGQUIT", "inspect"],
      ["SIGHUP", "reload"],
    ]);
  });

  test("exits by SIGHUP on a terminal", async () => {
    const process = fakeProcess();
    const { getBuiltinModule } = process;
    const control = recordedControl();
    process.getBuiltinModule = (id) =>
      id === "node:tty" ? { isatty: (fd: number) => fd === 2 } : getBuiltinModule(id);
    await posix({ process }).attach(control);
    process.emit("SIGHUP");
    expect(control.requests[0]?.goal).toBe("exit");
  });

  test("is refused in a worker thread, naming embedded()", () => {
    const process = fakeProcess({ isMainThread: false });
    expect(() => posix({ process }).attach(recordedControl("shop"))).toThrow(
      /"shop" in a worker thread.*embedded\(\)/,
    );
    expect(process.listenerTotal()).toBe(0);
  });

  test("gives the process to a later bus after its own bus has left", async () => {
    const process = fakeProcess();
    const first = posix({ process });
    const control = recordedControl("second");
    await first.attach(recordedControl("first"));
    const before = process.listenerTotal();
    await first.leave({ code: 0, forced: false, leftMs: 20 });
    await posix({ process }).attach(control);
    expect(process.listenerTotal()).toBe(before);
    process.emit("SIGTERM");
    expect(control.requests).toHaveLength(1);
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(process.exits).toEqual([]);
  });

  test("leaves the process to the bus that holds it when it could not attach", async () => {
    const process = fakeProcess();
    await posix({ process }).attach(recordedControl("first"));
    const second = posix({ process });
    expect(() => second.attach(recordedControl("second"))).toThrow();
    await second.leave({ code: 70, forced: true, leftMs: 0 });
    expect(process.exits).toEqual([]);
    expect(process.emit("SIGTERM")).toBe(true);
  });

  test("ends at once by a further signal after it left, but not by the echo of the first", async () => {
    const process = fakeProcess();
    const platform = posix({ process });
    await platform.attach(recordedControl());
    process.emit("SIGINT");
    await platform.leave({ code: 0, forced: false, leftMs: 60_000 });
    process.emit("SIGINT");
    expect(process.exits).toEqual([]);
    await new Promise((resolve) => setTimeout(resolve, 520));
    process.emit("SIGINT");
    expect(process.exits).toEqual([130]);
  });

  test("ends at once when it was forced", async () => {
    const process = fakeProcess();
    const platform = posix({ process });
    await platform.attach(recordedControl());
    await platform.leave({ code: 143, forced: true, leftMs: 0 });
    expect(process.exits).toEqual([143]);
  });

  test("warns once of another listener for the signals that end it", async () => {
    const process = fakeProcess();
    const control = recordedControl();
    const platform = posix({ process });
    process.on("SIGTERM", function theirs() {});
    await platform.attach(control);
    process.on("SIGINT", function late() {});
    platform.pulse?.("drain", false);
    platform.pulse?.("stop", false);
    expect(control.logs.map(({ message, level }) => [level, message.match(/SIG\w+|theirs|late/g)])).toEqual([
      ["warn", ["SIGTERM", "theirs"]],
      ["warn", ["SIGINT", "late"]],
    ]);
  });

  test("warns of a process.exit by other code while the bus stops, and lets it end the process", async () => {
    const process = fakeProcess();
    const control = recordedControl();
    const platform = posix({ process });
    const { exit } = process;
    await platform.attach(control);
    platform.pulse?.("drain", false);
    process.exit(3);
    expect(process.exits).toEqual([3]);
    expect(control.logs).toEqual([{
      level: "warn",
      message: expect.stringContaining("process.exit(3) was called"),
    }]);
    expect(process.exit).toBe(exit);
  });

  test("watches the exit only while the bus stops", async () => {
    const process = fakeProcess();
    const platform = posix({ process });
    const { exit } = process;
    await platform.attach(recordedControl());
    platform.pulse?.("run", true);
    expect(process.exit).toBe(exit);
    platform.pulse?.("drain", false);
    expect(process.exit).not.toBe(exit);
    platform.pulse?.("start", false);
    expect(process.exit).toBe(exit);
    platform.pulse?.("drain", false);
    await platform.leave({ code: 0, forced: false, leftMs: 60_000 });
    expect(process.exit).toBe(exit);
  });

  test("asks for an exit with 70 once for each uncaught error", async () => {
    const process = fakeProcess();
    const control = recordedControl();
    await posix({ process, uncaught: true }).attach(control);
    const error = new Error("nobody's");
    process.emit("uncaughtException", error);
    process.emit("unhandledRejection", error);
    process.emit("unhandledRejection", "a text");
    expect(control.logs.map(({ level }) => level)).toEqual(["error", "error"]);
    expect(control.requests).toEqual([
      { goal: "exit", reason: { by: "error", code: 70, error } },
      { goal: "exit", reason: { by: "error", code: 70, error: "a text" } },
    ]);
  });

  test("uses the default for signals that are undefined in its table", async () => {
    const process = fakeProcess();
    const control = recordedControl();
    await posix({ process, signals: { SIGTERM: undefined } as object }).attach(control);
    process.emit("SIGTERM");
    expect(control.requests[0]?.goal).toBe("exit");
  });

  test.each(["EPIPE", "EIO", "ENOSPC"])(
    "ignores %s on the standard output, and still calls listeners of other code",
    async (code) => {
      const process = fakeProcess();
      const stdout = process.stdout as unknown as { emit(name: string, error: Error): boolean };
      const error = Object.assign(new Error("gone"), { code });
      const heard: unknown[] = [];
      const platform = posix({ process });
      await platform.attach(recordedControl());
      expect(stdout.emit("error", error)).toBe(true);
      process.stdout.on("error", (one) => heard.push(one));
      stdout.emit("error", error);
      platform.pulse?.("drain", false);
      stdout.emit("error", error);
      platform.pulse?.("start", false);
      stdout.emit("error", error);
      expect(heard).toHaveLength(2);
    },
  );

  test("asks for an exit when the event loop runs empty", async () => {
    const process = fakeProcess();
    const control = recordedControl();
    const platform = posix({ process });
    await platform.attach(control);
    process.emit("beforeExit", 0);
    await platform.leave({ code: 0, forced: false, leftMs: 60_000 });
    process.emit("beforeExit", 0);
    expect(control.requests).toEqual([{ goal: "exit", reason: { by: "host", name: "beforeExit" } }]);
  });

  test("gives up the process if it cannot listen for a signal", async () => {
    const process = fakeProcess();
    const { prependListener, on } = process;
    const refuse = (name: string) => {
      if (name === "SIGQUIT") throw new Error("EINVAL");
    };
    process.prependListener = (name, listener) => (refuse(name), prependListener(name, listener));
    process.on = (name, listener) => (refuse(name), on(name, listener));
    expect(() => posix({ process }).attach(recordedControl())).toThrow(
      'Cannot listen for the signal "SIGQUIT"',
    );
    expect(process.listenerTotal()).toBe(0);
    await posix({ process, signals: { SIGQUIT: null } }).attach(recordedControl());
    expect(process.listenerTotal()).toBeGreaterThan(0);
  });
});
