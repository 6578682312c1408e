/**
 * A process as Vercel runs it: with the context that the real `@vercel/functions` reads, and 500 ms after SIGTERM.
 * Vercel's own launcher is not to be had: `test/programs/vercel_function.ts` has a server in its place.
 * @module
 */
import { describe, expect, test } from "vitest";
import { patient } from "../../../scripts/patience.ts";
import { type Program, sleep, start } from "../../spawn.ts";
import { goAway } from "../serverless/_gone.ts";

async function onVercel(
  env: Readonly<Record<string, string>> = {},
): Promise<Program & { readonly url: string }> {
  const program = start("vercel_function", { env });
  const line = await program.waitForLine("listening on");
  return Object.assign(program, { url: `http://127.0.0.1:${line.split(" ").at(-1)}/` });
}

const json = async (url: string) => (await fetch(url)).json();

describe("a function on Vercel, its launcher played by a server", () => {
  test("starts once for 50 requests at a time", async () => {
    const { url } = await onVercel({ START_MS: "200" });
    const answers = await Promise.all(Array.from({ length: 50 }, () => json(url)));
    expect(answers).toEqual(Array(50).fill({ starts: 1, inTime: true }));
  });

  test("answers 503 where the start fails, and serves once it does not", async () => {
    const { url } = await onVercel({ FAIL: "1", START_MS: "300" });
    const refused = await Promise.all([fetch(url), fetch(url)]);
    expect(refused.map(({ status }) => status)).toEqual([503, 503]);
    await sleep(400);
    expect(await json(url)).toEqual({ starts: 2, inTime: true });
  });

  test("goes on with a start whose first client has gone away, and tells the body", async () => {
    const { url, lines, waitForLine } = await onVercel({ START_MS: "500" });
    const answer = await goAway({
      first: (signal) => fetch(url, { signal }),
      begun: () => waitForLine("start 1"),
      other: () => json(url),
    });
    expect(answer).toEqual({ starts: 1, inTime: true });
    await expect.poll(() => lines.filter((line) => line.startsWith("request")).sort()).toEqual([
      "request of 0 ms",
      "request of nobody",
    ]);
  });

  test("tells of a thaw, where the process was stopped in between", async () => {
    const host = await onVercel({ THAW_MS: "300" });
    await json(host.url);
    await host.waitForLine("works are done");
    host.kill("SIGSTOP");
    await sleep(600);
    host.kill("SIGCONT");
    await Promise.all([json(host.url), json(host.url)]);
    await host.waitForLine("thaw");
    host.kill("SIGTERM");
    expect((await host.exited).lines.filter((line) => /^thaw/.test(line))).toHaveLength(1);
  });

  test("fits into the 500 ms after SIGTERM what is in flight, the stop and the flush", async () => {
    const host = await onVercel();
    await json(host.url);
    const slow = json(`${host.url}?ms=50`);
    await host.waitForLine("request of 50 ms");
    host.kill("SIGTERM");
    expect(await slow).toEqual({ starts: 1, inTime: true });
    const { code, lines } = await host.exited;
    const ended = lines.filter((line) => /^(drain|stopped|exit|flush)/.test(line));
    expect(ended.map((line) => line.replace(/\d+/, "N"))).toEqual([
      "drain, N ms left",
      "stopped",
      "exit, N ms left",
      "flush",
    ]);
    const [drain = NaN, exit = NaN] = ended.map((line) => Number(/\d+/.exec(line)?.[0])).filter((ms) =>
      ms > 0
    );
    expect(drain).toBeLessThanOrEqual(200);
    expect(exit).toBeLessThanOrEqual(100);
    expect(lines.indexOf("work by the invocation")).toBeLessThan(lines.indexOf("stopped"));
    expect(lines.join("\n")).not.toMatch(/warn|error/);
    expect(code).toBe(0);
  });

  test("flushes in time, whatever the stop takes, and says what was cut", async () => {
    const host = await onVercel({ STOP_MS: "60000" });
    await json(host.url);
    const begun = performance.now();
    host.kill("SIGTERM");
    const { code, lines } = await host.exited;
    expect(performance.now() - begun).toBeLessThan(patient(2000));
    expect(lines).toContain("flush");
    expect(lines.join("\n")).toContain('"db" on "stop"');
    expect(code).toBe(70);
  });
});
