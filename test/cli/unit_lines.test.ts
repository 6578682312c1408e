import { beforeEach, describe, expect, test } from "vitest";
import { linesOf } from "../../cli/unit_lines.ts";
import { canMakeTerminal, onTerminal } from "./_in_terminal.ts";
import { moduleOf } from "./_serve.ts";
import { APP, LONG_MS } from "./_workers.ts";

describe("the lines of the units", () => {
  const unit = { kind: "process", since: 0, generation: 0 } as const;
  const pool = { name: "web", kind: "process", count: 2, serving: 2, rolling: false } as const;

  test("have the state, the process, the requests and the memory of each, in columns", () => {
    const units = [
      { ...unit, id: 3, name: "web/10", state: "start", pid: 1234 },
      { ...unit, id: 2, name: "web/2", state: "run", pid: 99, inFlight: 12, memory: 51.4e6 },
      { ...unit, id: 1, name: "web/1", state: "run", pid: 98, inFlight: 1, memory: 101e6 },
    ] as const;
    expect(linesOf({ ...pool, units })).toEqual([
      "web/1   run    process 98    1 request    101 MB",
      "web/2   run    process 99    12 requests  51 MB",
      "web/10  start  process 1234",
    ]);
  });

  test("say that the pool is degraded", () => {
    const degraded = { since: 1, restarts: 7, maxRestarts: 5, restartWindowMs: 60_000 };
    expect(linesOf({ ...pool, units: [], degraded })).toEqual([
      "web is degraded: 7 units were replaced, 5 may be",
    ]);
  });
});

describe("on a terminal", () => {
  beforeEach((context) => {
    if (!canMakeTerminal) context.skip("script(1), which makes a terminal, is not installed");
  });

  test("each worker has a line while it lives, and Ctrl-C ends all", async () => {
    const program = onTerminal(moduleOf(APP), {}, undefined, ["--workers", "2"]);
    await program.shows(/^sitebus: web\/1 {2}run {2}process \d+ {2}0 requests {2}\d+ MB$/);
    await program.shows(/^sitebus: web\/2 {2}run {2}process \d+ {2}0 requests {2}\d+ MB$/);
    program.type("\x03");
    expect(await program.exited).toBe(0);
    expect(program.screen.lines.filter((line) => line.includes("0 requests"))).toEqual([]);
    expect(program.screen.lines.at(-1) || program.screen.lines.at(-2)).toMatch(/exit code 0/);
  }, LONG_MS);
});
