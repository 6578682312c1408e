/**
 * Vercel's edge-runtime itself, with a function that esbuild bundled as Vercel does.
 * @module
 */
import { beforeEach, describe, expect, onTestFinished, test } from "vitest";
import { runtime, sleep } from "../../spawn.ts";
import { goAway } from "../serverless/_gone.ts";

beforeEach((context) => {
  if (runtime !== "node") context.skip("edge-runtime is made of Node's vm");
});

interface Edge {
  readonly url: string;
  readonly log: string[];
  /** Waits for the work that goes on after the answers. */
  close(): Promise<void>;
}

async function edge(FAIL = 0): Promise<Edge> {
  const { build } = await import("esbuild");
  const { EdgeRuntime, runServer } = await import("edge-runtime");
  const { outputFiles } = await build({
    entryPoints: ["test/programs/edge_function.ts"],
    bundle: true,
    write: false,
    format: "iife",
    platform: "neutral",
    target: "es2022",
  });
  const log: string[] = [];
  const edge = new EdgeRuntime({
    initialCode: outputFiles[0]!.text,
    extend: (context) => Object.assign(context, { FAIL, log }),
  });
  const server = await runServer({ runtime: edge, host: "127.0.0.1", port: 0 });
  let closed: Promise<void> | undefined;
  const close = () => closed ??= server.close();
  onTestFinished(close);
  return { url: server.url, log, close };
}

describe("a function in edge-runtime", () => {
  test("starts once for 50 requests at a time, and flushes after each, before the isolate ends", async () => {
    const { url, log, close } = await edge();
    expect(log).toEqual([]);
    const answers = await Promise.all(Array.from({ length: 50 }, async () => (await fetch(url)).json()));
    expect(answers).toEqual(Array(50).fill({ rates: { eur: 1.1 }, starts: 1 }));
    await close();
    expect(log.filter((line) => line.startsWith("start"))).toEqual(["start 1"]);
    expect(log.filter((line) => line === "flush")).toHaveLength(50);
    expect(log.filter((line) => line === "the event's own work")).toHaveLength(50);
  });

  test("answers 503 where the start fails, and serves once it does not", async () => {
    const { url, log } = await edge(1);
    const refused = await Promise.all([fetch(url), fetch(url)]);
    expect(refused.map(({ status }) => status)).toEqual([503, 503]);
    expect(log).toEqual(["start 1", expect.stringContaining("no rates")]);
    await sleep(300);
    expect(await (await fetch(url)).json()).toEqual({ rates: { eur: 1.1 }, starts: 2 });
  });

  test("goes on with a start whose first client has gone away", async () => {
    const { url, log } = await edge();
    const answer = await goAway({
      first: (signal) => fetch(url, { signal }),
      begun: () => expect.poll(() => log).toEqual(["start 1"]),
      other: () => fetch(url),
    });
    expect(await answer.json()).toEqual({ rates: { eur: 1.1 }, starts: 1 });
  });
});
