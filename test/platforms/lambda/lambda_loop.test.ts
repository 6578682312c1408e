/**
 * The loop of a custom runtime, on the runtime that runs the tests.
 */
import { describe, expect, test } from "vitest";
import { runtime } from "../../spawn.ts";
import { Environment, type EnvironmentOptions, type Life, lifeVariable, recordsOf } from "./_environment.ts";

async function start(life: Life = {}, options: EnvironmentOptions = {}): Promise<Environment> {
  const env = { ...lifeVariable(life), ...options.env };
  return await Environment.start("lambda_loop", { ...options, env });
}

describe("the loop of a custom runtime", () => {
  test("starts before its first invocation, serves, and ends by itself on SIGTERM", async () => {
    const env = await (await start({ startMs: 50, stopMs: 50, flushMs: 20 })).ready();
    await env.program.waitForLine("start 1");
    expect(await env.api.invoke({})).toMatchObject({ ok: true, body: { starts: 1, pid: env.program.pid } });
    expect(await env.api.invoke({ sleepMs: 30 })).toMatchObject({ ok: true, body: { starts: 1 } });
    const end = await env.shutdown();
    expect(end).toMatchObject({ killed: false, code: 0, signal: null });
    expect(end.lines.slice(-6)).toEqual([
      "told of SIGTERM",
      "db is closed in thread 0",
      "stops by signal SIGTERM",
      "flushed",
      "exited",
      "left with 0",
    ]);
  });

  test("needs on Deno the permission to read the environment and to reach the host", async (context) => {
    if (runtime !== "deno") context.skip("It is for Deno");
    const env = await start({}, { denoPermissions: ["--allow-env", "--allow-net=127.0.0.1"] });
    expect(await env.api.invoke({})).toMatchObject({ ok: true });
    expect(await env.shutdown()).toMatchObject({ killed: false, code: 0 });
  });

  test("cuts a stop that takes too long, and ends with 70 in time", async () => {
    const env = await (await start({ stopMs: 4000, flushMs: 50 })).ready();
    const end = await env.shutdown();
    expect(end).toMatchObject({ killed: false, code: 70 });
    expect(end.lines).toContain("flushed");
    expect(recordsOf(end.lines)).toContainEqual(expect.objectContaining({ listener: "db", channel: "stop" }));
  });

  test("serves by another start where the first one failed", async () => {
    const env = await (await start({ failing: 2 })).ready();
    expect(await env.api.invoke({})).toMatchObject({
      ok: false,
      body: { errorType: "NotReadyError", errorMessage: expect.stringContaining("no database, try 2") },
    });
    expect(await env.api.invoke({})).toMatchObject({ ok: true, body: { starts: 3 } });
  });

  test("tells the host what the body throws, and goes on", async () => {
    const env = await (await start()).ready();
    expect(await env.api.invoke({ error: "no such order" })).toMatchObject({
      ok: false,
      body: { errorType: "Error", errorMessage: "no such order", stackTrace: expect.any(Array) },
    });
    const line = await env.program.waitForLine('"event":"invocation"');
    expect(recordsOf([line])).toMatchObject([{ level: "error", error: "Error: no such order" }]);
    expect(await env.api.invoke({})).toMatchObject({ ok: true });
  });

  test("streams an iterable, and tells the host where it fails half-way", async () => {
    const env = await (await start()).ready();
    const answer = await env.api.invoke({ pieces: ["one", "two", "three"] });
    expect(answer).toMatchObject({ ok: true, body: "onetwothree" });
    expect(answer.pieces).toBeGreaterThan(1);
    // Told in a trailer, which `fetch` cannot send: Deno and Bun break off the request, and tell the error then.
    const half = await env.api.invoke({ pieces: ["one", "two"], fails: "half of it" });
    const type = runtime === "node"
      ? half.lateError
      : (half.body as { readonly errorType: string }).errorType;
    expect(type).toMatch(/^(RangeError|TypeError)$/);
    expect(await env.api.invoke({})).toMatchObject({ ok: true });
  });

  test("tells the host of errors whose text no header can have, and goes on", async () => {
    const env = await (await start()).ready();
    for (
      const [errorName, errorType] of [["Ошибка", "Ошибка"], [null, "Error"], ["Two\nlines", "Two\nlines"]]
    ) {
      const told = { errorType, errorMessage: "costs 5 €" };
      expect(await env.api.invoke({ error: "costs 5 €", errorName })).toMatchObject({
        ok: false,
        body: told,
      });
      const half = await env.api.invoke({ pieces: ["one"], fails: "costs 5 €", errorName });
      if (runtime === "node") expect(half.lateBody).toEqual(told);
    }
    expect(await env.api.invoke({})).toMatchObject({ ok: true });
  });

  test("finishes a stream before the component that it reads is stopped", async () => {
    const env = await start({}, { env: { AWS_LAMBDA_MAX_CONCURRENCY: "2" } });
    const streams = env.api.invoke({ says: "the stream begins", pieces: Array(10).fill("x") });
    await env.program.waitForLine("the stream begins");
    const end = await env.shutdown();
    expect(await streams).toMatchObject({ ok: true, body: "x".repeat(10) });
    expect(end).toMatchObject({ killed: false, code: 0 });
    const [done, closed] = ["let go of the pieces", "db is closed in thread 0"];
    expect(end.lines.filter((line) => line === done || line === closed)).toEqual([done, closed]);
  });

  test("aborts the signal of a stream by the deadline of the host", async () => {
    const env = await (await start()).ready();
    const waited = await env.api.invoke({ pieces: ["one"], waits: true }, 500);
    expect(waited).toMatchObject({ ok: true, body: "one" });
  });

  test("stops a stream that the host breaks off", async () => {
    const env = await (await start()).ready();
    env.api.breaks = /response/;
    const broken = env.api.invoke({ pieces: ["x"], endless: true });
    await env.program.waitForLine("let go of the pieces");
    expect(await broken).toMatchObject({ ok: false });
    expect(await env.api.invoke({ error: "no such order" })).toMatchObject({ ok: false });
  });

  test("tells the host that an answer was refused", async () => {
    const env = await (await start()).ready();
    expect(await env.api.invoke({ bytes: 7_000_000 })).toMatchObject({
      ok: false,
      body: { errorMessage: expect.stringMatching(/^Cannot answer: the host answered 413: .*Exceeded/) },
    });
    expect(await env.api.invoke({})).toMatchObject({ ok: true });
  });

  test("takes as many invocations at a time as the host says, after one start", async () => {
    const env = await start({ startMs: 50 }, { env: { AWS_LAMBDA_MAX_CONCURRENCY: "10" } });
    const answers = await Promise.all(
      Array.from({ length: 50 }, () => env.api.invoke({ sleepMs: 100 }, 10_000)),
    );
    for (const answer of answers) expect(answer).toMatchObject({ ok: true, body: { starts: 1 } });
    expect(env.api.mostRunning).toBe(10);
    const slow = env.api.invoke({ says: "slow begins", sleepMs: 150 });
    await env.program.waitForLine("slow begins");
    const end = await env.shutdown();
    expect(await slow).toMatchObject({ ok: true });
    expect(end).toMatchObject({ killed: false, code: 0 });
  });

  test("publishes thaw with the time that it was frozen", async () => {
    const env = await (await start({ options: { thawAfterMs: 200 } })).ready();
    expect(await env.api.invoke({})).toMatchObject({ body: { thaws: [] } });
    await env.freeze(600);
    const { body } = await env.api.invoke({}) as { readonly body: { readonly thaws: readonly number[] } };
    expect(body.thaws).toEqual([expect.any(Number)]);
    expect(body.thaws[0]).toBeGreaterThanOrEqual(590);
    expect(await env.shutdown()).toMatchObject({ killed: false, code: 0 });
  });

  test("is stopped in order though the host was late to register it", async () => {
    const env = await (await start({}, { late: /register/ })).ready();
    await env.api.asked("extension event/next");
    expect(await env.shutdown()).toMatchObject({ killed: false, code: 0 });
  });

  test("ends with 70 where the host is gone, and logs that", async () => {
    const env = await (await start()).ready();
    env.api.close();
    const { code, lines } = await env.program.exited;
    expect(code).toBe(70);
    expect(recordsOf(lines)).toContainEqual(expect.objectContaining({ level: "error", event: "host" }));
    expect(lines).toContain("db is closed in thread 0");
  });

  test("ends with 70 where this is not AWS Lambda, and says so", async () => {
    const env = await start({}, { env: { AWS_LAMBDA_RUNTIME_API: "" } });
    const { code, lines } = await env.program.exited;
    expect(code).toBe(70);
    expect(lines.join("\n")).toMatch(/AWS_LAMBDA_RUNTIME_API is not set, so this is not AWS Lambda/);
  });
});

describe("an external extension", () => {
  test("is told of invocations, and stops after the function, in its own time", async () => {
    const env = await (await start({}, {
      external: ["lambda_extension"],
      env: { LAMBDA_EXTENSION_TEST: '{ "stopMs": 300 }' },
    })).ready();
    expect(await env.api.invoke({ sleepMs: 30 })).toMatchObject({ ok: true });
    const end = await env.shutdown();
    expect(end).toMatchObject({ code: 0, killed: false });
    expect(end.extensions).toMatchObject([{ code: 0, killed: false }]);
    expect(end.extensions[0]?.lines).toEqual([
      "start 1",
      "told of INVOKE 36",
      "db is closed in thread 0",
      "stops by host SHUTDOWN",
      "flushed",
      "exited",
    ]);
  });

  test("cuts a stop that does not fit into the rest of 2 s", async () => {
    const env = await (await start({}, {
      external: ["lambda_extension"],
      env: { LAMBDA_EXTENSION_TEST: '{ "stopMs": 5000, "flushMs": 50 }' },
    })).ready();
    const end = await env.shutdown();
    expect(end).toMatchObject({ code: 0, killed: false });
    expect(end.extensions).toMatchObject([{ code: 70, killed: false }]);
    expect(end.extensions[0]?.lines).toContain("flushed");
    const failure = { listener: "db", channel: "stop" };
    expect(recordsOf(end.extensions[0]!.lines)).toContainEqual(expect.objectContaining(failure));
  });

  test("tells the host that it did not start, and ends with 70", async () => {
    const env = await start({}, {
      external: ["lambda_extension"],
      env: { LAMBDA_EXTENSION_TEST: '{ "failing": 1 }' },
    });
    await env.api.asked("extension init/error");
    const { code, lines } = await env.external[0]!.exited;
    expect(code).toBe(70);
    expect(recordsOf(lines)).toContainEqual(expect.objectContaining({ error: "Error: no database, try 1" }));
  });

  test("ends with 70 where the host does not answer this", async () => {
    const env = await start({}, {
      external: ["lambda_extension"],
      deaf: /init\/error/,
      env: { LAMBDA_EXTENSION_TEST: '{ "failing": 1 }' },
    });
    const { code, lines } = await env.external[0]!.exited;
    expect(code).toBe(70);
    expect(lines.join("\n")).not.toContain("by force");
  });
});
