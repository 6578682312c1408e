import { beforeEach, describe, expect, test, vi } from "vitest";
import { patient } from "../../../scripts/patience.ts";
import { DATES, skipElsewhere, startWorker } from "./_workerd.ts";

const SERVED = { status: 200, text: JSON.stringify({ db: 1, pong: "pong" }) };

describe.each(DATES)("a Worker on workerd, compatible with %s", (date) => {
  beforeEach((context) => skipElsewhere(context));

  test("starts once for 50 first requests at once, and each goes on as its own", async () => {
    const { getAll, report } = await startWorker(date, { startMs: 300 });
    const answers = await getAll("/", 50);
    expect(answers.map(({ status, text }) => ({ status, text }))).toEqual(Array(50).fill(SERVED));
    expect(await report()).toMatchObject({ starts: 1, attempts: 1, takeOvers: 0, state: "run" });
  });

  test("answers 503 where the start fails, and starts again for a later request", async () => {
    const { get, getAll, report } = await startWorker(date, { startMs: 100, failures: 1, retryDelay: 1_000 });
    const answers = await getAll("/", 3);
    expect(answers).toMatchObject(
      Array(3).fill({ status: 503, text: "Service Unavailable\n", retryAfter: "1" }),
    );
    expect(await get("/")).toMatchObject({ status: 503 });
    await new Promise((resolve) => setTimeout(resolve, 1_050));
    expect(await get("/")).toMatchObject({ status: 200, text: JSON.stringify({ db: 2, pong: "pong" }) });
    const { log, ...seen } = await report();
    expect(seen).toMatchObject({ starts: 2, attempts: 2, takeOvers: 0 });
    const failure = { level: "error", listener: "db", channel: "start", error: "Error: no database" };
    expect(log).toContainEqual(expect.objectContaining(failure));
  });

  test("keeps a start whose request was cancelled", async () => {
    const { get, report } = await startWorker(date, { startMs: 400 });
    const [cancelled, waiter] = await Promise.all([get("/cancel"), get("/")]);
    expect([cancelled.text, waiter]).toMatchObject(["TimeoutError", SERVED]);
    expect(await report()).toMatchObject({ starts: 1, attempts: 1, takeOvers: 0 });
  });

  test("tells a handler that its client has gone, where the Worker has the flag for that", async () => {
    const { get, report } = await startWorker(date);
    await get("/");
    expect((await get("/cancel?path=signal")).text).toBe("TimeoutError");
    await vi.waitFor(async () => expect((await report()).cuts).toBe(1), { timeout: patient(5000) });
    const deaf = await startWorker(date, { flags: [] });
    expect((await deaf.get("/signal")).status).toBe(200);
    expect((await deaf.report()).cuts).toBe(0);
  });

  test("takes over a start whose request was dropped, once its deadline is over", async () => {
    const { get, report } = await startWorker(date, { startMs: 300, startWithin: 2_000 });
    const dropped = get("/die");
    await vi.waitFor(async () => expect((await report()).starts).toBe(1), { timeout: patient(5000) });
    // One waits already when the one that drives the start goes, one comes later.
    const waiter = get("/");
    await dropped;
    const answers = await Promise.all([waiter, get("/")]);
    const served = { status: 200, text: JSON.stringify({ db: 2, pong: "pong" }) };
    expect(answers).toMatchObject([served, served]);
    const { log, ...seen } = await report();
    expect(seen).toMatchObject({ starts: 2, attempts: 2, takeOvers: 1 });
    expect(log).toContainEqual(expect.objectContaining({ level: "warn", event: "takeover", state: "start" }));
  });

  test("answers every request in time, whichever others are dropped, cancelled or refused meanwhile", async () => {
    const plan = { startMs: 150, startWithin: 2_000, failures: 2 };
    const { get, report } = await startWorker(date, plan);
    const paths = Array.from(
      { length: 60 },
      (_, nth) => nth % 7 === 0 ? "/die" : nth % 5 === 0 ? "/cancel" : "/",
    );
    const answers = await Promise.all(paths.map(async (path, nth) => {
      await new Promise((resolve) => setTimeout(resolve, nth * 40));
      return { path, ...await get(path) };
    }));
    const plain = answers.filter(({ path }) => path === "/");
    expect(new Set(plain.map(({ status }) => status))).toEqual(new Set([200, 503]));
    expect(Math.max(...plain.map(({ ms }) => ms))).toBeLessThan(patient(2_500));
    const { starts, attempts, takeOvers, state } = await report();
    expect([attempts, state]).toEqual([starts, "run"]);
    // One has started; each other one has failed, of which there are two at most, or was taken over.
    expect(takeOvers).toBeGreaterThanOrEqual(1);
    expect(starts).toBeGreaterThanOrEqual(3);
    expect(starts).toBeLessThanOrEqual(1 + 2 + takeOvers);
  });

  test("serves the events that have a handler, and rejects them where the start fails", async () => {
    const { get, report } = await startWorker(date, { failures: 2 });
    expect((await get("/scheduled")).text).not.toBe('"ok"');
    await new Promise((resolve) => setTimeout(resolve, 60));
    expect((await get("/queue")).text).not.toBe('"ok"');
    await new Promise((resolve) => setTimeout(resolve, 120));
    expect([(await get("/scheduled")).text, (await get("/queue")).text]).toEqual(['"ok"', '"ok"']);
    expect((await report()).events).toEqual(["scheduled * * * * *", "queue jobs 1"]);
  });

  test("flushes after each invocation, and goes on with its work", async () => {
    const { get, report } = await startWorker(date);
    await get("/after");
    await get("/");
    await get("/throw");
    await vi.waitFor(async () => {
      expect(await report()).toMatchObject({ flushes: 3, events: ["after"] });
    }, { timeout: patient(5000) });
  });

  test("passes on what the handler throws", async () => {
    const { get, workerd } = await startWorker(date);
    expect(await get("/throw")).toMatchObject({ status: 500 });
    expect(workerd.output()).toContain("broken");
  });

  test("refuses a component that needs input and output outside of requests", async () => {
    const { report } = await startWorker(date);
    expect((await report()).refused).toMatch(
      /^TraitError: Cannot use component "pool": it needs "ioOutsideRequests" to be true, the platform has false$/,
    );
  });

  test("answers 503 once the bus has exited, and logs why", async () => {
    const { get, report } = await startWorker(date);
    await get("/");
    expect((await get("/exit")).text).toBe('"exited"');
    expect(await get("/")).toMatchObject({ status: 503, text: "Service Unavailable\n", retryAfter: null });
    const { log } = await report();
    expect(log).toContainEqual(expect.objectContaining({ level: "warn", event: "refused", kind: "ended" }));
  });

  test("leaves nothing behind that keeps workerd from ending", async () => {
    const { get, workerd } = await startWorker(date);
    await get("/");
    const ended = new Promise((resolve) => workerd.child.once("exit", (code) => resolve(code)));
    process.kill(workerd.child.pid!, "SIGTERM");
    expect(await ended).toBe(0);
  });
});
