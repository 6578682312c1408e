/**
 * Lambda Managed Instances: the official client runs the function in several threads, many invocations at a time each.
 */
import { fileURLToPath } from "node:url";
import { describe, expect, test, type TestContext } from "vitest";
import {
  type Environment,
  internalMs,
  type Life,
  officialClient,
  recordsOf,
  startOfficial,
} from "./_environment.ts";

const client = officialClient();
const main = fileURLToPath(new URL("../../programs/lambda_main_thread.mjs", import.meta.url));

async function start(
  context: TestContext,
  life: Life,
  { preload = `--import=${main}`, graceMs = internalMs } = {},
): Promise<Environment> {
  if (typeof client === "string") return context.skip(client);
  if (client.version === "3.3.0") context.skip("Version 4 alone has threads");
  const env = {
    AWS_LAMBDA_INITIALIZATION_TYPE: "lambda-managed-instances",
    AWS_LAMBDA_MAX_CONCURRENCY: "16",
    AWS_LAMBDA_NODEJS_WORKER_COUNT: "2",
    LAMBDA_MAIN_TEST: JSON.stringify({ graceMs }),
    NODE_OPTIONS: preload,
  };
  return await (await startOfficial(client, life, { env })).ready(2);
}

interface Body {
  readonly starts: number;
  readonly thread: number;
}

describe("a function on Lambda Managed Instances", () => {
  test("starts once in each thread under 50 first invocations, and stops in each", async (context) => {
    const env = await start(context, { lazy: true, startMs: 100, stopMs: 50 });
    const answers = await Promise.all(
      Array.from({ length: 50 }, () => env.api.invoke({ sleepMs: 50 }, 10_000)),
    );
    const bodies = answers.map(({ ok, body }) => {
      expect(ok).toBe(true);
      return body as Body;
    });
    expect(bodies.map(({ starts }) => starts)).toEqual(Array(50).fill(1));
    expect(new Set(bodies.map(({ thread }) => thread)).size).toBe(2);
    const end = await env.shutdown();
    expect(end.killed).toBe(false);
    expect(end.lines.filter((line) => line.startsWith("start "))).toEqual(["start 1", "start 1"]);
    const closed = end.lines.filter((line) => line.startsWith("db is closed")).sort();
    expect(closed).toEqual(["db is closed in thread 1", "db is closed in thread 2"]);
    expect(end.lines.filter((line) => line === "told of SIGTERM")).toHaveLength(2);
    expect(env.api.extensions.map(({ name }) => name)).toEqual(["sitebus"]);
  });

  test("finishes what is in flight in every thread", async (context) => {
    const env = await start(context, {});
    const working = Array.from({ length: 6 }, () => env.api.invoke({ says: "begun", sleepMs: 120 }));
    await expect.poll(() => env.program.lines.filter((line) => line === "begun").length).toBe(6);
    const end = await env.shutdown();
    expect(end.killed).toBe(false);
    for (const answer of await Promise.all(working)) expect(answer).toMatchObject({ ok: true });
  });

  test("ends once the last output of every thread is written", async (context) => {
    const env = await start(context, { lastBytes: 100_000 });
    const end = await env.shutdown();
    expect(end.killed).toBe(false);
    const last = end.lines.filter((line) => line.startsWith("the last line of thread")).sort();
    expect(last).toEqual(["the last line of thread 1", "the last line of thread 2"]);
  });

  test("is ended in time where a thread does not stop, and tells that", async (context) => {
    const env = await start(context, { blocksStop: true }, { graceMs: 500 });
    const end = await env.shutdown();
    expect(end.killed).toBe(false);
    expect(end.lines.join("\n")).toMatch(/The process is ended by force: 2 threads have not left their bus/);
  });

  test("ends as a whole where the bus of one thread exits", async (context) => {
    const env = await start(context, {});
    expect(await env.api.invoke({ exit: 1 })).toMatchObject({ ok: true });
    const { lines, signal } = await env.program.exited;
    expect(signal).toBe("SIGKILL");
    expect(lines.join("\n")).toMatch(/The bus of thread \d has left with 1: the others stop too/);
    expect(lines.filter((line) => line.startsWith("db is closed"))).toHaveLength(2);
    expect(lines).toContainEqual(expect.stringMatching(/^stops by host thread \d$/));
    expect(lines).not.toContain("told of SIGTERM");
  });

  test("warns in each thread that SIGTERM will not come where the main thread is not prepared", async (context) => {
    const env = await start(context, {}, { preload: "" });
    expect(await env.api.invoke({})).toMatchObject({ ok: true });
    const warnings = () => recordsOf(env.program.lines).filter(({ event }) => event === "unsignaled");
    await expect.poll(warnings).toMatchObject(Array(2).fill({ level: "warn" }));
    expect(await env.shutdown()).toMatchObject({ killed: true });
    expect(warnings()).toHaveLength(2);
  });
});
