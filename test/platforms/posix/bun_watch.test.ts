import { expect, test } from "vitest";
import { runtime, start } from "../../spawn.ts";

test.for(["--watch", "--hot"])(
  "the first Ctrl-C under bun %s ends the watcher too",
  async (flag, context) => {
    context.skip(runtime !== "bun", "it is a flag of Bun");
    const program = start("signal_policy", { args: ["100"], flags: [flag, "--no-clear-screen"] });
    await program.waitForLine("ready");
    program.kill("SIGINT");
    const { code, lines } = await program.exited;
    expect(lines).toContain("stopped in order");
    expect(code).toBe(0);
  },
);
