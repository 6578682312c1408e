/**
 * Functions in the official Node client of AWS Lambda, `aws-lambda-ric`, under a Runtime API of our own.
 */
import { describe, expect, test, type TestContext } from "vitest";
import { patient } from "../../../scripts/patience.ts";
import {
  type Environment,
  type EnvironmentOptions,
  externalMs,
  internalMs,
  type Life,
  officialClient,
  recordsOf,
  startOfficial,
} from "./_environment.ts";

const client = officialClient();

const registered = ["extension event/next", "extension register", "invocation/next"];

/** Starts `handler` of the test's function, or skips the test where there is no client. */
async function start(
  context: TestContext,
  life: Life = {},
  options: EnvironmentOptions & { readonly module?: string } = {},
): Promise<Environment> {
  if (typeof client === "string") return context.skip(client);
  return await startOfficial(client, life, options);
}

describe("a function in the official client of AWS Lambda", () => {
  test("starts while it is initialized, and has stopped before the time after SIGTERM is over", async (context) => {
    const env = await (await start(context, { startMs: 100, stopMs: 50, flushMs: 20 })).ready();
    await env.program.waitForLine("start 1");
    expect(await env.api.invoke({})).toMatchObject({ ok: true, body: { starts: 1, thread: 0 } });
    expect(env.api.log.slice(0, 3).sort()).toEqual(registered);
    const end = await env.shutdown();
    expect(end.lines.slice(-5)).toEqual([
      "told of SIGTERM",
      "db is closed in thread 0",
      "stops by signal SIGTERM",
      "flushed",
      "exited",
    ]);
    // By its own SIGKILL, since an exit would wait for the next invocation in the native client.
    expect(end).toMatchObject({ killed: false, signal: "SIGKILL" });
    expect(end.ms).toBeLessThan(0.9 * internalMs);
  });

  test("cuts a stop that takes too long, flushes all the same, and logs which listener was late", async (context) => {
    const env = await (await start(context, { stopMs: 4000, flushMs: 50 })).ready();
    const end = await env.shutdown();
    expect(end.killed).toBe(false);
    expect(end.lines).toContain("flushed");
    expect(recordsOf(end.lines)).toContainEqual(expect.objectContaining({ listener: "db", channel: "stop" }));
    expect(end.ms).toBeLessThan(internalMs);
  });

  test("keeps within the 500 ms that Lambda leaves", { retry: 3 }, async (context) => {
    const idle = await (await (await start(context)).ready()).shutdown();
    if (idle.ms > 60) context.skip("this machine is so busy that an end without any work takes too long");
    const env = await (await start(context, { stopMs: 900, flushMs: 20, options: { graceMs: 500 } })).ready();
    const end = await env.shutdown(500);
    expect(end.killed).toBe(false);
    expect(end.lines).toContain("flushed");
  });

  test("is killed at once where no extension is there", async (context) => {
    const env = await (await start(context, { options: { extension: false } })).ready();
    const end = await env.shutdown();
    expect(end).toMatchObject({ killed: true, signal: "SIGKILL" });
    expect(end.lines).not.toContain("told of SIGTERM");
  });

  test("stops within the shorter time that it has beside an external extension", async (context) => {
    const life = { options: { extension: false, graceMs: externalMs }, stopMs: 4000, flushMs: 10 } as const;
    const env = await (await start(context, life, { external: ["lambda_extension"] })).ready();
    const end = await env.shutdown();
    expect(end.killed).toBe(false);
    expect(end.lines).toContain("flushed");
    // The extension's time begins when the function's process has ended.
    expect(end.extensions[0]).toMatchObject({ code: 0, killed: false });
    expect(end.extensions[0]?.lines.slice(1, -1)).toEqual([
      "db is closed in thread 0",
      "stops by host SHUTDOWN",
      "flushed",
    ]);
  });

  test("serves by another start where the first one failed", async (context) => {
    const env = await (await start(context, { failing: 2 })).ready();
    await env.program.waitForLine('"error":"Error: no database, try 1"');
    expect(await env.api.invoke({})).toMatchObject({
      ok: false,
      body: { errorType: "NotReadyError", errorMessage: expect.stringContaining("no database, try 2") },
    });
    expect(await env.api.invoke({})).toMatchObject({ ok: true, body: { starts: 3, pid: env.program.pid } });
    expect(await env.shutdown()).toMatchObject({ killed: false });
  });

  test("stops in order on SIGTERM during its start", async (context) => {
    const env = await start(context, { startMs: 120 });
    await env.program.waitForLine("start 1");
    const end = await env.shutdown();
    expect(end.killed).toBe(false);
    expect(end.lines).toContain("db is closed in thread 0");
    expect(end.lines.at(-1)).toBe("exited");
  });

  test("refuses an invocation that waits longer than startWithin, and serves a later one", async (context) => {
    const life = { lazy: true, startMs: 1500, slow: 1, options: { startWithin: 200 } };
    const env = await (await start(context, life)).ready();
    const late = await env.api.invoke({});
    expect(late).toMatchObject({ ok: false, body: { errorType: "NotReadyError" } });
    expect(late.ms).toBeLessThan(patient(1400));
    // A component that started too late is stopped.
    await env.program.waitForLine("db is closed");
    expect(await env.api.invoke({})).toMatchObject({ ok: true, body: { starts: 2 } });
  });

  test("answers before Lambda cuts it where the start takes longer, and serves the next by the same start", async (context) => {
    const env = await (await start(context, { startMs: 2000 }, { module: "lambda_common" })).ready();
    const late = await env.api.invoke({}, 1000);
    expect(late).toMatchObject({
      ok: false,
      body: { errorMessage: expect.stringMatching(/has not started within \d+ ms, it is in "start"$/) },
    });
    expect(late.ms).toBeLessThan(patient(1000));
    expect(await env.api.invoke({}, 5000)).toMatchObject({ ok: true, body: { starts: 1 } });
  });

  test("starts on the first invocation in a CommonJS module, and stops on SIGTERM", async (context) => {
    const env = await (await start(context, { stopMs: 50, flushMs: 20 }, { module: "lambda_common" }))
      .ready();
    expect(env.program.lines).not.toContain("start 1");
    expect(await env.api.invoke({})).toMatchObject({ ok: true, body: { starts: 1 } });
    expect(env.api.log.slice(0, 3).sort()).toEqual(registered);
    expect(env.api.log[0]).toBe("extension register");
    const end = await env.shutdown();
    expect(end.lines.slice(-2)).toEqual(["flushed", "exited"]);
    expect(end).toMatchObject({ killed: false, signal: "SIGKILL" });
  });

  test("warns once in a CommonJS module where the host does not answer, and serves", async (context) => {
    const env = await (await start(context, {}, { module: "lambda_common", deaf: /register/ })).ready();
    expect(await env.api.invoke({})).toMatchObject({ ok: true });
    await env.program.waitForLine('"event":"unsignaled"');
    const { lines } = await env.shutdown();
    const said = recordsOf(lines).filter(({ event }) => event === "unsignaled");
    expect(said).toMatchObject([{ error: expect.stringMatching(/the host did not answer within 1000 ms$/) }]);
  });

  test("warns where its bus starts too late for the extension", async (context) => {
    const env = await (await start(context, { lazy: true })).ready();
    expect(env.program.lines).not.toContain("start 1");
    expect(await env.api.invoke({})).toMatchObject({ ok: true, body: { starts: 1 } });
    const line = await env.program.waitForLine('"event":"unsignaled"');
    expect(recordsOf([line])).toMatchObject([{
      level: "warn",
      error: expect.stringContaining("answered 403"),
    }]);
    expect(await env.shutdown()).toMatchObject({ killed: true });
  });

  test("warns where the host does not answer, and serves", async (context) => {
    const env = await (await start(context, {}, { deaf: /register/ })).ready();
    expect(await env.api.invoke({})).toMatchObject({ ok: true });
    const line = await env.program.waitForLine('"event":"unsignaled"');
    expect(recordsOf([line])).toMatchObject([{
      error: expect.stringMatching(/did not answer within 1000 ms$/),
    }]);
  });

  test.for(["lambda_function", "lambda_common"])(
    "stops in order though the host was late to register its extension: %s",
    async (module, context) => {
      const env = await (await start(context, {}, { module, late: /register/ })).ready();
      await env.api.asked("extension event/next");
      expect(await env.api.invoke({})).toMatchObject({ ok: true });
      const end = await env.shutdown();
      expect(end).toMatchObject({ killed: false, signal: "SIGKILL" });
      expect(end.lines.at(-1)).toBe("exited");
    },
  );

  test("publishes thaw with the time that it was frozen", async (context) => {
    const env = await (await start(context, { options: { thawAfterMs: 200 } })).ready();
    expect(await env.api.invoke({ timerMs: 100 })).toMatchObject({ body: { thaws: [] } });
    await env.freeze(600);
    const { body } = await env.api.invoke({}) as { readonly body: { readonly thaws: readonly number[] } };
    expect(body.thaws).toHaveLength(1);
    expect(body.thaws[0]).toBeGreaterThanOrEqual(590);
    expect(body.thaws[0]).toBeLessThan(patient(1500));
    expect(await env.api.invoke({})).toMatchObject({ body: { thaws: body.thaws } });
    await env.program.waitForLine("the timer has fired");
    await env.freeze(300);
    const end = await env.shutdown();
    expect(end.killed).toBe(false);
    expect(end.lines.at(-1)).toBe("exited");
  });

  test("tells the body what time is left, and aborts its signal before the host cuts it", async (context) => {
    const env = await (await start(context)).ready();
    const { body } = await env.api.invoke({}, 5000) as { readonly body: { readonly left: number } };
    expect(body.left).toBeGreaterThan(3000);
    expect(body.left).toBeLessThanOrEqual(5000);
    const waited = await env.api.invoke({ waits: true }, 2000);
    expect(waited).toMatchObject({ ok: true });
    expect(waited.ms).toBeLessThan(patient(2000));
  });

  test("answers once the work of the invocation is done, so that no work is frozen", async (context) => {
    const env = await (await start(context)).ready();
    expect((await env.api.invoke({ workMs: 200 })).ms).toBeGreaterThanOrEqual(195);
    await env.program.waitForLine("the work is done");
    const failed = await env.api.invoke({ workMs: 50, error: "no such order" });
    expect(failed).toMatchObject({ ok: false, body: { errorMessage: "no such order" } });
    await expect.poll(() => env.program.lines.filter((line) => line === "the work is done")).toHaveLength(2);
  });

  test("passes on what the body throws, and goes on", async (context) => {
    const env = await (await start(context)).ready();
    const failed = await env.api.invoke({ error: "no such order" });
    expect(failed).toMatchObject({
      ok: false,
      body: { errorType: "Error", errorMessage: "no such order" },
    });
    expect(await env.api.invoke({})).toMatchObject({ ok: true, body: { starts: 1 } });
  });

  test("answers before it ends, where its application asks for an exit", async (context) => {
    const env = await (await start(context)).ready();
    expect(await env.api.invoke({ exit: 3, sleepMs: 50 })).toMatchObject({ ok: true });
    const { lines, signal } = await env.program.exited;
    expect(lines.slice(-2)).toEqual(["flushed", "exited"]);
    expect(signal).toBe("SIGKILL");
  });

  test("calls the listeners of the process's exit before it kills itself", async (context) => {
    const env = await (await start(context, { listensToExit: true })).ready();
    const end = await env.shutdown();
    expect(end).toMatchObject({ killed: false, signal: "SIGKILL" });
    expect(end.lines.slice(-2)).toEqual(["exited", "the process exits with 0"]);
  });

  test("streams its answer, and tells half-way that it failed", async (context) => {
    const env = await (await start(context, { streams: true })).ready();
    const whole = await env.api.invoke({ pieces: ["one", "two"] });
    expect(whole).toMatchObject({ ok: true, body: "onetwo true", lateError: undefined });
    expect(whole.pieces).toBeGreaterThan(1);
    const half = await env.api.invoke({ pieces: ["one"], fails: true });
    expect(half).toMatchObject({ body: "one", lateError: "RangeError" });
    expect(await env.shutdown()).toMatchObject({ killed: false });
  });

  test("has sent its stream before it ends, where its application asks for an exit", async (context) => {
    const env = await (await start(context, { streams: true, options: { graceMs: 10_000 } })).ready();
    env.api.slow = /response/;
    const piece = "x".repeat(5_000_000);
    expect(await env.api.invoke({ pieces: [piece], exit: 3 })).toMatchObject({
      ok: true,
      body: `${piece} true`,
    });
    const { lines } = await env.program.exited;
    expect(lines.slice(-2)).toEqual(["flushed", "exited"]);
  });

  test("ends with its exit code in the alternative client, which needs no force", async (context) => {
    if (typeof client !== "string" && client.version === "3.3.0") context.skip("Version 4 alone has it");
    const env = await start(context, {}, { env: { AWS_LAMBDA_NODEJS_USE_ALTERNATIVE_CLIENT_1: "true" } });
    await env.ready();
    const end = await env.shutdown();
    expect(end).toMatchObject({ killed: false, code: 0, signal: null });
    expect(end.lines.at(-1)).toBe("exited");
  });
});
