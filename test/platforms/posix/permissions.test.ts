import { existsSync } from "node:fs";
import { beforeEach, describe, expect, test } from "vitest";
import { runtime, start } from "../../spawn.ts";

describe("Deno without permissions", () => {
  beforeEach((context) => {
    if (runtime !== "deno") context.skip("only Deno has permissions");
  });

  test("never prompts for a permission on a terminal, not even for a restart", async (context) => {
    if (!existsSync("/usr/bin/script")) context.skip("script(1), which makes a terminal, is not installed");
    const program = start("restart_child", {
      denoPermissions: [],
      denoPrompts: true,
      launcher: ["./test/programs/in_terminal.sh"],
    });
    const { code, lines } = await program.exited;
    expect(lines.join("\n")).not.toMatch(/allow\?|permission/i);
    expect(lines.join("\n")).toContain("Deno tells its own flags only under --allow-all");
    expect(code).toBe(70);
  });

  test("runs and stops", async () => {
    const program = start("states", { denoPermissions: [] });
    await program.waitForLine("ready");
    program.kill("SIGTERM");
    const { code, lines } = await program.exited;
    expect(lines).toContain("state exited");
    expect(code).toBe(0);
  });
});
