import { describe, expect, test } from "vitest";
import { native } from "../../platforms/native.ts";
import { fakeProcess } from "./fake_process.ts";

describe("native()", () => {
  test("is POSIX on an operating system that is", () => {
    expect(native({ process: fakeProcess({ platform: "darwin" }) }).name).toBe("POSIX");
  });

  test("is Windows on Windows", () => {
    expect(native({ process: fakeProcess({ platform: "win32" }) }).name).toBe("Windows");
  });

  test("takes the options of both, and looks at those of its own", () => {
    const options = { graceMs: 5000, signals: { SIGFOO: "exit" }, named: "yes" } as object;
    expect(() => native({ ...options, process: fakeProcess({ platform: "linux" }) })).toThrow("SIGFOO");
    expect(() => native({ ...options, process: fakeProcess({ platform: "win32" }) })).toThrow('"named"');
    const one = native({
      graceMs: 5000,
      signals: { SIGHUP: "stop" },
      process: fakeProcess({ platform: "win32" }),
    });
    expect(one.traits.notice).toEqual({ kind: "CTRL_C", graceMs: 5000 });
  });

  test("refuses options that are no object", () => {
    expect(() => native(null as never)).toThrow(
      "Cannot use the native platform: the options are null, expected an object",
    );
  });

  test("refuses an operating system that it does not know", () => {
    expect(() => native({ process: fakeProcess({ platform: "plan9" }) })).toThrow(
      'the operating system is "plan9"',
    );
  });
});
