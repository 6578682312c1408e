import { describe, expect, test } from "vitest";
import { start } from "../../spawn.ts";

const states = (lines: readonly string[], bus: string) =>
  lines.filter((line) => line.startsWith("{")).map((line) => JSON.parse(line) as Record<string, unknown>)
    .filter((message) => message["bus"] === bus && message["settled"] !== false)
    .map((message) => message["state"] ?? `left ${message["code"]}`);

const life = ["enter", "idle", "start", "run", "drain", "stop", "idle", "exit", "exited"];

describe("a bus over a port", () => {
  test("is driven in a worker thread, tells its states, and lets the worker end", async () => {
    const { code, lines } = await start("embedded_worker").exited;
    expect(states(lines, "thread")).toEqual([...life, "left 6"]);
    expect(lines).toContain("stopping, 0 listeners for SIGTERM");
    expect(lines).toContain("worker exited with 6");
    expect(code).toBe(0);
  });

  test("is driven in a child by its parent's IPC, and lets the child end", async () => {
    const { code, lines } = await start("embedded_child").exited;
    expect(states(lines, "child")).toEqual([...life, "left 6"]);
    expect(lines).toContain("stopping by exit");
    expect(lines).toContain("child exited with 6");
    expect(code).toBe(0);
  });

  test("exits when its parent goes away", async () => {
    const { code, lines } = await start("embedded_child", { args: ["parent", "disconnect"] }).exited;
    expect(lines).toContain("stopping by disconnect");
    expect(lines).toContain("child exited with 0");
    expect(code).toBe(0);
  });
});
