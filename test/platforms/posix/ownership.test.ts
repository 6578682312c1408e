import { describe, expect, test } from "vitest";
import { start } from "../../spawn.ts";

describe("a process has one bus that holds its signals", () => {
  test("refuses a second bus while the first one lives, and accepts the next after the first has left", async () => {
    const program = start("two_buses");
    await program.waitForLine("third runs");
    program.kill("SIGTERM");
    const { code, lines } = await program.exited;
    const text = lines.join("\n");
    expect(text).toMatch(/"second".*"first" holds its signals.*embedded\(\)/);
    expect(lines).toContain("second: 70");
    expect(lines).toContain("first: 3");
    expect(lines).toContain("third: 0");
    expect(code).toBe(0);
  });

  test("refuses a bus in a worker thread, and the bus of the main thread goes on", async () => {
    const program = start("in_worker");
    await program.waitForLine("worker exited with 70");
    program.kill("SIGTERM");
    const { code, lines } = await program.exited;
    expect(lines.join("\n")).toMatch(/"thread" in a worker thread.*embedded\(\)/);
    expect(lines).toContain("thread ended with 70");
    expect(lines).toContain("code 0");
    expect(code).toBe(0);
  });

  test("warns of another listener, and of an exit that it calls while the bus stops", async () => {
    const program = start("foreign");
    await program.waitForLine("ready");
    program.kill("SIGTERM");
    const { code, lines } = await program.exited;
    const text = lines.join("\n");
    expect(text).toMatch(/listens for SIGTERM too.*libraryOfSomebody/);
    expect(text).toMatch(/process\.exit\(9\) was called before the bus had stopped.*foreign\.ts/);
    expect(lines.filter((line) => line.includes("listens for SIGTERM"))).toHaveLength(1);
    expect(code).toBe(9);
  });
});
