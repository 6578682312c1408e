import { describe, expect, it } from "vitest";
import { native } from "../../platforms/native.ts";
import { fakeProcess } from "./fake_process.ts";

describe("native()", () => {
  it("is POSIX on an operating system that is", () => {
    expect(native({ process: fakeProcess({ platform: "darwin" }) }).name).toBe("POSIX");
  });

  it("says on Windows that its platform is not there yet", () => {
    expect(() => native({ process: fakeProcess({ platform: "win32" }) })).toThrow(
      'Cannot use the native platform: the operating system is "windows", and sitebus/windows is not there yet',
    );
  });

  it("refuses an operating system that it does not know", () => {
    expect(() => native({ process: fakeProcess({ platform: "plan9" }) })).toThrow(
      'the operating system is "plan9"',
    );
  });
});
