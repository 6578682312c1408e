import { existsSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { patient } from "../../../scripts/patience.ts";
import { runtime, sleep, start } from "../../spawn.ts";

const states = (lines: readonly string[]) =>
  lines.filter((line) => line.startsWith("state ")).map((line) => line.slice("state ".length));

describe("signals of a POSIX process", () => {
  test.each([["SIGTERM", 15], ["SIGINT", 2]] as const)(
    "%s drains, stops and exits with 0",
    async (name, number) => {
      const program = start("states");
      await program.waitForLine("ready");
      program.kill(name);
      const { code, lines } = await program.exited;
      expect(code).toBe(0);
      expect(lines).toContain(`signal ${name} ${number}`);
      expect(states(lines)).toEqual([
        "enter",
        "idle",
        "start",
        "run",
        "drain",
        "stop",
        "idle",
        "exit",
        "exited",
      ]);
    },
  );

  test("SIGHUP reloads if there is no terminal", async () => {
    const program = start("states");
    await program.waitForLine("ready");
    program.kill("SIGHUP");
    await program.waitForLine("reloaded 1");
    program.kill("SIGHUP");
    await program.waitForLine("reloaded 2");
    program.kill("SIGTERM");
    expect((await program.exited).code).toBe(0);
  });

  test("SIGHUP exits on a terminal", async (context) => {
    if (!existsSync("/usr/bin/script")) context.skip("script(1), which makes a terminal, is not installed");
    const program = start("states", { launcher: ["./test/programs/in_terminal.sh"] });
    const ready = await program.waitForLine("ready");
    program.kill("SIGHUP", Number(ready.match(/ready (\d+)/)?.[1]));
    const { code, lines } = await program.exited;
    expect(lines.join("\n")).toContain("signal SIGHUP 1");
    expect(lines.join("\n")).toContain("state exited");
    expect(code).toBe(0);
  });

  test("SIGHUP under nohup does not end the process", async () => {
    const program = start("states", { launcher: ["nohup"] });
    await program.waitForLine("ready");
    program.kill("SIGHUP");
    await program.waitForLine("reloaded 1");
    program.kill("SIGTERM");
    expect((await program.exited).code).toBe(0);
  });

  test("SIGUSR2 goes through idle and runs again", async () => {
    const program = start("states");
    await program.waitForLine("ready");
    program.kill("SIGUSR2");
    await program.waitForLine("state stop");
    while (states(program.lines).filter((state) => state === "run").length < 2) await sleep(10);
    program.kill("SIGTERM");
    const { code, lines } = await program.exited;
    expect(code).toBe(0);
    const cycle = ["idle", "start", "run", "drain", "stop"];
    expect(states(lines)).toEqual(["enter", ...cycle, ...cycle, "idle", "exit", "exited"]);
  });

  test("SIGQUIT logs what the bus is doing, and nothing else", async () => {
    const program = start("states");
    await program.waitForLine("ready");
    program.kill("SIGQUIT");
    await program.waitForLine("signal SIGQUIT 3");
    await program.waitForLine("print drain");
    program.kill("SIGTERM");
    expect((await program.exited).code).toBe(0);
  });

  test("two signals within 500 ms are one", async () => {
    const program = start("slow_stop", { args: ["700"] });
    await program.waitForLine("ready");
    program.kill("SIGINT");
    await program.waitForLine("stopping");
    await sleep(50);
    program.kill("SIGTERM");
    await sleep(50);
    program.kill("SIGINT");
    const { code, lines } = await program.exited;
    expect(code).toBe(0);
    expect(lines).toContain("code 0");
  });

  test.each([["SIGTERM", 143], ["SIGINT", 130]] as const)(
    "a second %s after 500 ms forces, and the last line names who was late",
    async (name, expected) => {
      const program = start("slow_stop", { args: ["8000"] });
      await program.waitForLine("ready");
      program.kill(name);
      await program.waitForLine("stopping");
      await sleep(600);
      const begun = performance.now();
      program.kill(name);
      const { code, lines } = await program.exited;
      expect(performance.now() - begun).toBeLessThan(patient(1000));
      expect(code).toBe(expected);
      expect(lines.at(-1)).toContain("close db");
    },
  );

  test("a signal during a long synchronous block is delivered afterwards", async () => {
    const program = start("sync_block");
    await program.waitForLine("blocking");
    await sleep(200);
    program.kill("SIGTERM");
    program.kill("SIGTERM");
    const { code, lines } = await program.exited;
    expect(lines.slice(0, 3)).toEqual(["blocking", "unblocked", "signal SIGTERM"]);
    expect(code).toBe(0);
  });

  test("reach the first stop listener soon", async () => {
    const program = start("latency");
    await program.waitForLine("ready");
    await sleep(100);
    const sent = performance.timeOrigin + performance.now();
    program.kill("SIGTERM");
    const line = await program.waitForLine("stopping");
    const ms = Number(line.slice("stopping ".length)) - sent;
    console.log(`${runtime}: SIGTERM to the first stop listener took ${ms.toFixed(2)} ms`);
    expect(ms).toBeLessThan(patient(500));
    expect((await program.exited).code).toBe(0);
  });
});
