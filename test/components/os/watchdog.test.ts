import { readFileSync } from "node:fs";
import process from "node:process";
import { describe, expect, test } from "vitest";
import { inline, type LogRecord, ProcessBus } from "../../../mod.ts";
import { watchdog } from "../../../components/os.ts";
import { LastCall } from "../../../components/os/last_call.ts";
import { patient } from "../../../scripts/patience.ts";
import type { ServicePlan } from "../../programs/os_service.ts";
import { type Program, runtime, sleep } from "../../spawn.ts";
import { LONG_MS, startService } from "./_service.ts";

/** Half a second after the deadline, and what a busy machine needs. */
const [AFTER_MS, SLACK_MS] = [500, patient(1_000)];

/** Runs until the watchdog ends it; returns its last words, and how long the thread was not given back. */
async function stuck(plan: ServicePlan, signal?: NodeJS.Signals) {
  const program = startService(plan);
  await program.waitForLine("runs ");
  if (signal) program.kill(signal);
  await program.waitForLine("spins");
  const since = performance.now();
  const exit = await program.exited;
  return { ...exit, ms: performance.now() - since, last: exit.lines.at(-1) };
}

describe("a listener that never gives the thread back", () => {
  test.each([
    ["in a component's stop", { spinsInDb: true }, '"db" on "stop" was called last'],
    ["on drain", { spins: ["drain"] }, 'a listener of "drain" was called last'],
    ["on exit", { spins: ["exit"] }, 'a listener of "exit" was called last'],
  ])("%s ends with its process half a second after the deadline, named", async (_, plan, name) => {
    const within = 1_000;
    const { code, signal, lines, last } = await stuck({
      ...plan,
      watchdog: { json: true },
      within,
      then: "exit",
    });
    expect([code, signal]).toEqual([null, "SIGKILL"]);
    const { time, ms, message } = JSON.parse(last!) as LogRecord & { readonly time: string };
    expect(message).toMatch(
      new RegExp(`^The process is ended by force: its event loop has stood still for \\d+ ms; ${name}$`),
    );
    // Both by the clock of the program, which is not told late.
    const since = Number(lines.find((line) => line.startsWith("spins"))!.split(" ")[1]);
    const stood = Date.parse(time) - since;
    // The state has begun before: to start the thread takes Deno up to half a second on a busy machine.
    expect(stood).toBeGreaterThan(within / 2);
    expect(stood).toBeLessThan(within + AFTER_MS + SLACK_MS);
    expect(ms).toBeGreaterThan(within + AFTER_MS - 100);
    expect(ms).toBeLessThan(within + AFTER_MS + SLACK_MS);
  }, LONG_MS);

  test("has the time that its state was given in addition", async () => {
    const { lines, code } = await startService({
      extends: 1_500,
      watchdog: {},
      within: 700,
      atMost: 3_000,
      then: "exit",
    })
      .exited;
    expect([code, lines.at(-1)]).toEqual([0, "info: Exited with code 0"]);
  }, LONG_MS);

  test("while the bus runs ends its process where that is asked for", async () => {
    const { last, ms, signal } = await stuck(
      { spinsAt: "SIGUSR2", watchdog: { stuckMs: 900, json: true } },
      "SIGUSR2",
    );
    expect(signal).toBe("SIGKILL");
    const record = JSON.parse(last!) as LogRecord;
    expect(record).toMatchObject({ level: "error", bus: "service", state: "run", event: "stuck" });
    expect(record.message).toMatch(/stood still for \d+ ms; the bus was at rest in "run"$/);
    expect(record["ms"]).toBeGreaterThan(850);
    expect(ms).toBeLessThan(900 + AFTER_MS + SLACK_MS);
  }, LONG_MS);
});

describe("a process that is not stuck", () => {
  test("ends as without it", async () => {
    const { code, lines } = await startService({ watchdog: {}, within: 1_000, then: "exit" }).exited;
    expect([code, lines.at(-1)]).toEqual([0, "info: Exited with code 0"]);
  }, LONG_MS);

  test("is left alone while it only waits, in a graceful restart, and after a stop", async () => {
    const program = startService({ watchdog: { stuckMs: 400 }, within: 300, then: "graceful" });
    await program.waitForLine("Ready again");
    await sleep(1_500);
    program.kill("SIGTERM");
    expect((await program.exited).code).toBe(0);
    const stopped = startService({ watchdog: {}, within: 300, then: "stop" });
    await stopped.waitForLine("stop");
    await sleep(1_200);
    stopped.kill("SIGTERM");
    expect((await stopped.exited).code).toBe(0);
  }, LONG_MS);

  test("is left alone after it was frozen", async () => {
    const program = startService({ watchdog: { stuckMs: 600 } });
    await program.waitForLine("runs");
    program.kill("SIGSTOP");
    await sleep(2_500);
    program.kill("SIGCONT");
    await sleep(patient(500));
    program.kill("SIGTERM");
    expect((await program.exited).code).toBe(0);
  }, LONG_MS);

  test("has no thread while it runs, where only its stop is watched", async (context) => {
    if (process.platform !== "linux") context.skip("only Linux tells the threads of a process");
    const count = async (plan: ServicePlan) => {
      const program = startService(plan);
      await program.waitForLine("runs");
      await sleep(patient(300));
      const threads = threadsOf(program);
      program.kill("SIGTERM");
      await program.exited;
      return threads;
    };
    const [without, stops, always] = [
      await count({}),
      await count({ watchdog: {} }),
      await count({ watchdog: { stuckMs: 5_000 } }),
    ];
    expect(stops).toBeLessThanOrEqual(without);
    expect(always).toBeGreaterThan(without);
  }, LONG_MS);

  test("on Deno without --allow-run the start fails, and says what is missing", async (context) => {
    if (runtime !== "deno") context.skip("only Deno has permissions of this kind");
    const { code, lines } = await startService({ watchdog: {} }, { denoPermissions: ["-A", "--deny-run"] })
      .exited;
    expect([code, lines.join("\n")]).toEqual([
      70,
      expect.stringContaining("Deno may not end a process by a signal; pass --allow-run"),
    ]);
  }, LONG_MS);
});

describe("watchdog", () => {
  test("refuses what it cannot use", () => {
    const bus = new ProcessBus({ platform: inline() });
    expect(() => watchdog({} as never)).toThrow(
      "Cannot make watchdog: the bus is an object, expected a ProcessBus",
    );
    expect(() => watchdog(bus, { stuckMs: 10 })).toThrow('"stuckMs" is 10, expected at least 300');
    expect(() => watchdog(bus, { stuckMs: NaN })).toThrow(RangeError);
    expect(() => watchdog(bus, { after: 1 } as never)).toThrow('unknown option "after"');
  });

  test("knows what was called last from the log alone", () => {
    const last = new LastCall("run");
    const take = (fields: Partial<LogRecord>) => last.take(fields as LogRecord);
    take({ event: "state", state: "stop" });
    expect(last.call).toEqual({ state: "stop", channel: "stop" });
    take({ event: "component", component: "web", status: "stopping" });
    take({ event: "component", component: "db", status: "stopping" });
    expect(last.call).toEqual({ state: "stop", listener: "db", channel: "stop" });
    take({ event: "component", component: "db", status: "down" });
    expect(last.call).toEqual({ state: "stop", listener: "web", channel: "stop" });
    take({ event: "settled", state: "stop" });
    take({ event: "component", component: "web", status: "down" });
    expect(last.call).toEqual({ state: "stop" });
  });
});

/** The threads of a program. */
function threadsOf({ pid }: Program): number {
  const text = readFileSync(`/proc/${pid}/status`, "utf8");
  return Number(/^Threads:\s*(\d+)$/m.exec(text)?.[1]);
}
