import { describe, expect, test } from "vitest";
import { windowsRuntimes } from "../../scripts/windows/builds.ts";
import { useWindows } from "./under_windows.ts";

const windows = useWindows();

describe.concurrent.each(windowsRuntimes)("control on %s", (runtime) => {
  test("answers on a named pipe, or says once that it cannot open it", async () => {
    const program = await windows.start(runtime, "windows_control");
    const { code, lines } = await program.exited();
    // Bun opens no named pipe under Wine: what it does on a real Windows is not known.
    const expected = runtime === "bun" ? [expect.stringContaining("warn: Cannot open control: ")] : [
      "open \\\\.\\pipe\\sitebus-shop-PID",
      "status shop run true",
      "reload true",
    ];
    expect(lines).toEqual([...expected, "left with 0"]);
    expect(code).toBe(0);
  });
});
