import { describe, expect, test } from "vitest";
import { type WindowsRuntime, windowsRuntimes } from "../../scripts/windows/builds.ts";
import type { ConsoleEvent } from "./console_events.ts";
import { useWindows } from "./under_windows.ts";

const windows = useWindows();

const words = ["two words", 'say "hi"', "back\\slash\\", 'a \\" b\\\\ ', "", "%PATH%", "ü€"];
const ending: readonly ConsoleEvent[] = ["CTRL_C", "CTRL_CLOSE"];

// Deno has all permissions: the child could not even start without them.
const flags: Readonly<Record<WindowsRuntime, readonly string[]>> = {
  node22: ["--max-old-space-size=300"],
  node24: ["--max-old-space-size=300"],
  node26: ["--max-old-space-size=300"],
  deno: [],
  bun: ["--smol"],
};

describe.concurrent.each(windowsRuntimes)("a restart on %s", (runtime) => {
  test.each(ending)("starts a child with the same arguments, which receives %s once", async (event) => {
    const program = await windows.start(runtime, "windows_restart", { args: ["parent", ...words] });
    const [, pid = "", given = ""] = /^second (\d+) (.*)$/.exec(await program.waitForLine("second")) ?? [];
    expect(JSON.parse(given)).toEqual([words, []]);
    expect(Number(pid)).not.toBe(program.pid);
    // Windows delivers the event to every process of the console.
    await Promise.all([program.deliver(event), program.deliver(event, { pid: Number(pid) })]);
    const { code, lines } = await program.exited();
    expect(lines.filter((line) => line.includes("has CTRL"))).toEqual([`second has ${event}`]);
    expect(lines.slice(-4)).toEqual([
      "cleaned up",
      "second ends with 44",
      "first ends with 44",
      "first exits with 44",
    ]);
    if (event === "CTRL_C") expect(code).toBe(44);
  });

  test("starts the program with the same arguments, including the runtime's flags", async () => {
    const program = await windows.start(runtime, "windows_restart", {
      args: ["same", ...words],
      flags: flags[runtime],
      denoPermissions: ["--allow-env", "--allow-run", "--allow-ffi"],
    });
    const line = await program.waitForLine("second");
    expect(line).toContain(JSON.stringify([words, flags[runtime]]));
    const [, pid = ""] = /^second (\d+)/.exec(line) ?? [];
    await program.deliver("CTRL_C", { pid: Number(pid) });
    expect((await program.exited()).code).toBe(44);
  });
});

describe.concurrent("a restart on Deno that may not call Windows", () => {
  test("is refused, and the message names the missing flag", async () => {
    const denoPermissions = ["--allow-env", "--allow-run"];
    const program = await windows.start("deno", "windows_restart", { args: ["same"], denoPermissions });
    const line = await program.waitForLine("rejected");
    expect(line).toContain("--allow-ffi");
    expect(line).toContain('windows({ restart: { args: ["run", "--allow-net", "main.ts"] } })');
    expect((await program.exited()).code).toBe(70);
  });
});
