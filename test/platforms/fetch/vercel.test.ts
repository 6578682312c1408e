/**
 * A process as Vercel runs it: with the context that the real `@vercel/functions` reads, and 500 ms after SIGTERM.
 * Vercel's own launcher is not to be had: `test/programs/vercel_function.ts` has a server in its place.
 * @module
 */
import { describe, expect, it } from "vitest";
import { type Program, sleep, start } from "../../spawn.ts";

async function onVercel(
  env: Readonly<Record<string, string>> = {},
): Promise<Program & { readonly url: string }> {
  const program = start("vercel_function", { env });
  const line = await program.waitForLine("listening on");
  return Object.assign(program, { url: `http://127.0.0.1:${line.split(" ").at(-1)}/` });
}

const json = async (url: string) => (await fetch(url)).json();

describe("a function on Vercel, its launcher played by a server", () => {
  it("starts once for 50 requests at a time", async () => {
    const { url, lines } = await onVercel({ START_MS: "200" });
    const answers = await Promise.all(Array.from({ length: 50 }, () => json(url)));
    expect(answers).toEqual(Array(50).fill({ starts: 1, inTime: true }));
    expect(lines.filter((line) => line.startsWith("start"))).toEqual(["start 1"]);
  });

  it("fits into the 500 ms after SIGTERM what is in flight, the stop and the flush", async () => {
    const host = await onVercel();
    await json(host.url);
    const slow = json(`${host.url}?ms=100`);
    await sleep(50);
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
    expect(ended[0]).toMatch(/ (19\d|200) ms/);
    expect(ended[2]).toMatch(/ (9\d|100) ms/);
    expect(lines.indexOf("work by the invocation")).toBeLessThan(lines.indexOf("stopped"));
    expect(lines.join("\n")).not.toMatch(/warn|error/);
    expect(code).toBe(0);
  });

  it("flushes in time, whatever the stop takes, and says what was cut", async () => {
    const host = await onVercel({ STOP_MS: "60000" });
    await json(host.url);
    const begun = performance.now();
    host.kill("SIGTERM");
    const { code, lines } = await host.exited;
    expect(performance.now() - begun).toBeLessThan(700);
    expect(lines).toContain("flush");
    expect(lines.join("\n")).toContain('"db" on "stop"');
    expect(code).toBe(70);
  });
});
