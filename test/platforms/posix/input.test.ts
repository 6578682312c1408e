import { describe, expect, test } from "vitest";
import { start } from "../../spawn.ts";

/** The time from the end of the bus until force is used, in milliseconds. */
const forceMs = 5000;

describe("a program that reads its standard input", () => {
  test.for(["data", "readline", "iterate"])(
    "ends with its bus, although the input does not: %s",
    async (how) => {
      const program = start("reads_input", { args: [how], input: true });
      await program.waitForLine("ready");
      program.write("hello\n");
      await program.waitForLine("read hello");
      const begun = performance.now();
      program.kill("SIGTERM");
      const { code } = await program.exited;
      expect(performance.now() - begun).toBeLessThan(forceMs - 1500);
      expect(code).toBe(0);
    },
  );

  test.for(["none", "data", "readline"])("stops when the input ends, if stdin is set: %s", async (how) => {
    const program = start("reads_input", { args: [how, "stdin"], input: true });
    await program.waitForLine("ready");
    program.write("hello\n");
    if (how !== "none") await program.waitForLine("read hello");
    program.write(undefined);
    const { code, lines } = await program.exited;
    expect(lines.slice(-2)).toEqual(["stopping by stdin", "code 0"]);
    expect(code).toBe(0);
  });

  test("does not stop when the input ends by default", async () => {
    const program = start("reads_input", { args: ["data"], input: true });
    await program.waitForLine("ready");
    program.write("hello\n");
    program.write(undefined);
    await program.waitForLine("read hello");
    program.kill("SIGTERM");
    expect((await program.exited).lines).toContain("stopping by SIGTERM");
  });
});
