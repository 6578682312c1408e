/**
 * `deno serve` itself, which is how Deno Deploy runs a module that exports `{ fetch }`.
 * @module
 */
import { beforeEach, describe, expect, test } from "vitest";
import { type Program, runtime, sleep, start } from "../../spawn.ts";
import { goAway } from "../serverless/_gone.ts";

beforeEach((context) => {
  if (runtime !== "deno") context.skip("it is Deno's own server");
});

async function served(
  env: Readonly<Record<string, string>> = {},
): Promise<Program & { readonly url: string; readonly starts: () => string[] }> {
  const program = start("deno_module", { denoServes: true, env });
  const [url = ""] = /http:\S+/.exec(await program.waitForLine("Listening on")) ?? [];
  const starts = () => program.lines.filter((line) => /^start /.test(line));
  return Object.assign(program, { url, starts });
}

const text = async (url: string) => (await fetch(url)).text();

describe("a module that `deno serve` serves", () => {
  test("starts once for 50 requests at a time, and not before", async () => {
    const { url, starts } = await served({ START_MS: "200" });
    expect(starts()).toEqual([]);
    const answers = await Promise.all(Array.from({ length: 50 }, () => text(url)));
    expect(answers).toEqual(Array(50).fill("12345"));
    await expect.poll(starts).toEqual(["start 1"]);
  });

  test("answers 503 where the start fails, and serves once it does not", async () => {
    const { url, starts } = await served({ FAIL: "1", START_MS: "300" });
    const refused = await Promise.all([fetch(url), fetch(url)]);
    expect(refused.map(({ status }) => status)).toEqual([503, 503]);
    await Promise.all(refused.map((one) => one.text()));
    await sleep(400);
    expect(await text(url)).toBe("12345");
    await expect.poll(starts).toEqual(["start 1", "start 2"]);
  });

  test("goes on with a start whose first client has gone away", async () => {
    const { url, waitForLine } = await served({ START_MS: "500" });
    const answer = await goAway({
      first: (signal) => fetch(url, { signal }),
      begun: () => waitForLine("start 1"),
      other: () => text(url),
    });
    expect(answer).toBe("12345");
  });

  test("sends what streams to its end after SIGINT, and then ends", async () => {
    const host = await served();
    const stream = text(`${host.url}?ms=1000`);
    await host.waitForLine("request");
    await sleep(200);
    host.kill("SIGINT");
    expect(await stream).toBe("12345");
    const { code, lines } = await host.exited;
    expect(lines.filter((line) => /^(drain|stopped|flush)/.test(line))).toEqual([
      "drain by SIGINT, 5000 ms",
      "stopped",
      "flush",
    ]);
    expect(code).toBe(0);
  });

  test("has time to end what would stream for ever, by the signal of its invocation", async () => {
    const host = await served();
    const stream = text(`${host.url}?ms=250&endless`);
    await host.waitForLine("request");
    host.kill("SIGINT");
    expect(await stream).toMatch(/^1\d*end$/);
    const { code, lines } = await host.exited;
    expect(lines.filter((line) => /still runs|by force/.test(line))).toEqual([]);
    expect(code).toBe(0);
  });
});
