import { describe, expect, test } from "vitest";
import { sleep, start } from "../../spawn.ts";

/** Starts a program that stops for so long. */
async function stopping(ms: number, options: object, ...more: string[]) {
  const program = start("signal_policy", { args: [String(ms), JSON.stringify(options), ...more] });
  await program.waitForLine("ready");
  return program;
}

describe("secondSignal", () => {
  test.for(["SIGTERM", "SIGINT"] as const)("ignores a %s that comes again, with `ignore`", async (second) => {
    const program = await stopping(1500, { secondSignal: "ignore" });
    program.kill("SIGTERM");
    await program.waitForLine("stopping");
    for (let i = 0; i < 2; i++) {
      await sleep(600);
      program.kill(second);
    }
    const { code, lines } = await program.exited;
    expect(lines).toContain("stopped in order");
    expect(code).toBe(0);
  });

  test("lets an exit overtake a restart that was asked before, with `ignore`", async () => {
    const program = await stopping(1000, { secondSignal: "ignore", signals: { SIGUSR2: "restart" } });
    program.kill("SIGUSR2");
    await program.waitForLine("stopping");
    program.kill("SIGTERM");
    const { code, lines } = await program.exited;
    expect(lines.filter((line) => line === "ready")).toHaveLength(1);
    expect(code).toBe(0);
  });
});

describe("firstSignal", () => {
  test("ends at once by the first signal, with `force`", async () => {
    const program = await stopping(5000, { firstSignal: "force" });
    const begun = performance.now();
    program.kill("SIGINT");
    const { lines } = await program.exited;
    expect(performance.now() - begun).toBeLessThan(1000);
    expect(lines).not.toContain("stopped in order");
  });
});

test("a stop that is forced says in one line what it cut", async () => {
  const program = await stopping(5000, {});
  program.kill("SIGTERM");
  await program.waitForLine("stopping");
  await sleep(600);
  program.kill("SIGTERM");
  const { code, lines } = await program.exited;
  // The program listens for SIGINT, which is told on some runtimes.
  const said = lines.filter((line) => line.startsWith("[program]") && !line.includes("Somebody else"));
  expect(said).toEqual([
    expect.stringMatching(/^\[program\] warn: Forced by SIGTERM while ".*" on "stop" still runs$/),
  ]);
  expect(code).toBe(143);
});

describe("exitBy", () => {
  test.for(["SIGTERM", "SIGINT", "SIGHUP"] as const)(
    "ends by the %s that asked for it, after it has stopped, with `signal`",
    async (name) => {
      const program = await stopping(100, { exitBy: "signal", signals: { SIGHUP: "exit" } });
      program.kill(name);
      const { code, signal, lines } = await program.exited;
      expect(lines.slice(-2)).toEqual(["stopped in order", "code 0"]);
      expect([code, signal]).toEqual([null, name]);
    },
  );

  test("ends by the signal that forced it", async () => {
    const program = await stopping(5000, { exitBy: "signal" });
    program.kill("SIGTERM");
    await program.waitForLine("stopping");
    await sleep(600);
    program.kill("SIGINT");
    const { code, signal } = await program.exited;
    expect([code, signal]).toEqual([null, "SIGINT"]);
  });

  test("keeps an exit code that says that something failed", async () => {
    const program = await stopping(10, { exitBy: "signal" }, "fail");
    program.kill("SIGTERM");
    const { code, signal } = await program.exited;
    expect([code, signal]).toEqual([70, null]);
  });
});
