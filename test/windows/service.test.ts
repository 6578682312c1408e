import { describe, expect, test } from "vitest";
import { windowsRuntimes } from "../../scripts/windows/builds.ts";
import { afterRun, startBus, stopped } from "./_bus_program.ts";
import { useWindows } from "./under_windows.ts";

const windows = useWindows();

describe.concurrent("a service wrapper", () => {
  test.each(windowsRuntimes)("stops a bus on %s by the end of its standard input", async (runtime) => {
    // The device NUL has nothing to read.
    const program = await startBus(windows, runtime, { options: { service: { stdin: true } } });
    const { code, lines } = await program.exited();
    expect(afterRun(lines)).toEqual(stopped);
    expect(code).toBe(0);
  });

  test.each(["node22", "node24", "node26"] as const)(
    "stops a bus on %s by a message, as pm2 does",
    async (runtime) => {
      const options = JSON.stringify({ service: { message: true } });
      const args = ["test\\programs\\windows_bus.ts", options];
      const program = await windows.start(runtime, "windows_parent", { args });
      const { code, lines } = await program.exited();
      expect(lines).toContain("state exited");
      expect(lines.at(-1)).toBe("the child ended with 0");
      expect(code).toBe(0);
    },
  );
});

describe.concurrent("the successor of a service", () => {
  // Deno goes on reading its input after a pause.
  test.each(windowsRuntimes.filter((runtime) => runtime !== "deno"))(
    "has the standard input to itself on %s",
    async (runtime) => {
      const program = await windows.start(runtime, "windows_input", { args: ["parent"] });
      expect(await program.waitForLine("has read")).toContain("has read 1 2 3 4");
      expect((await program.exited()).code).toBe(0);
    },
  );
});

describe.concurrent("posix()", () => {
  test.each(windowsRuntimes)("is refused on Windows, on %s", async (runtime) => {
    const program = await windows.start(runtime, "states");
    const { code, lines } = await program.exited();
    expect(lines.join("\n")).toContain('Cannot use the POSIX platform: the operating system is "windows"');
    expect(code).not.toBe(0);
  });
});
