import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { command } from "../../scripts/command.ts";
import { patient, slowness } from "../../scripts/patience.ts";
import { measureSlowness } from "../../scripts/testing/machine.ts";
import { Progress } from "../../scripts/testing/progress.ts";
import { tools } from "../../scripts/tools.ts";

const node = tools.node26;

describe("a limit", () => {
  afterEach(() => void vi.unstubAllEnvs());

  test.for(
    [
      [undefined, 1000],
      ["1", 1000],
      ["2.5", 2500],
      // Nothing makes a limit shorter.
      ["0.5", 1000],
      ["-3", 1000],
      ["soon", 1000],
      ["Infinity", 1000],
    ] as const,
  )("with SITEBUS_SLOWNESS=%s of 1000 ms is %d ms", ([factor, ms]) => {
    vi.stubEnv("SITEBUS_SLOWNESS", factor);
    expect(patient(1000)).toBe(ms);
    expect(slowness()).toBe(ms / 1000);
  });

  test("scales for every program that a script runs", async () => {
    vi.stubEnv("SITEBUS_SLOWNESS", "4");
    const hang = () => command(node, ["-e", "setInterval(() => {}, 1000)"], { timeoutMs: 250 });
    expect(await hang()).toMatchObject({ code: null, crash: "took longer than 1 s" });
  });
});

test("the machine is never said to be faster than the reference, nor slower than ten of it", async () => {
  const factor = await measureSlowness();
  expect(factor).toBeGreaterThanOrEqual(1);
  expect(factor).toBeLessThanOrEqual(10);
});

describe("a program that tells of its progress", () => {
  const isProgress = (line: string) => line === "on";

  test("may take longer than its limit, and what it tells is left out of its output", async () => {
    const script = `let n = 0; console.log("first");
      const timer = setInterval(() => { console.log("on"); if (++n === 6) clearInterval(timer); }, 300);
      process.on("exit", () => process.stdout.write("last"));`;
    const { code, output, ms, crash } = await command(node, ["-e", script], { timeoutMs: 1000, isProgress });
    expect(crash).toBeUndefined();
    expect([code, output]).toEqual([0, "first\nlast"]);
    expect(ms).toBeGreaterThan(1700);
  });

  test("is ended after a silence, whatever else it prints", async () => {
    const script = `console.log("on"); setInterval(() => console.log("busy"), 50);`;
    const { crash, output } = await command(node, ["-e", script], { timeoutMs: 1000, isProgress });
    expect(crash).toMatch(/^made no progress for \d+ s$/);
    expect(output).toMatch(/^busy\nbusy\n/);
  });
});

describe("progress", () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  test("is told in one line for all that runs, and not where nothing runs", async () => {
    const lines: string[] = [];
    const progress = new Progress({ everyMs: 5000, print: (line) => void lines.push(line), now: Date.now });
    await vi.advanceTimersByTimeAsync(5000);
    const bun = progress.start("bun");
    await vi.advanceTimersByTimeAsync(3000);
    const deno = progress.start("deno");
    bun.ended(3);
    bun.ended(1);
    await vi.advanceTimersByTimeAsync(2000);
    deno.ended(1);
    expect(bun.stop()).toBe(5);
    await vi.advanceTimersByTimeAsync(5000);
    progress.end();
    await vi.advanceTimersByTimeAsync(10_000);
    expect(lines).toEqual(["...  bun 4 tests, 5 s; deno 0 tests, 2 s", "...  deno 1 tests, 7 s"]);
  });
});
