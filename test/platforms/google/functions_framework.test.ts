import { beforeEach, describe, expect, test, vi } from "vitest";
import { patient } from "../../../scripts/patience.ts";
import { sleep, start } from "../../spawn.ts";
import { goAway } from "../serverless/_gone.ts";
import { framework, whyNoFramework } from "./_framework.ts";

beforeEach((context) => {
  if (whyNoFramework !== undefined) context.skip(whyNoFramework);
});

const ended = ["drain", "stopped", "flush"];

describe("an HTTP function in the functions framework", () => {
  test("starts once for 50 requests at a time", async () => {
    const host = await framework("http", { START_MS: "300" });
    expect(host.lines.join()).not.toContain("start");
    const answers = await Promise.all(Array.from({ length: 50 }, () => host.get()));
    expect(answers).toEqual(Array(50).fill([200, '{"starts":1}']));
    await host.waitForLine("start 1");
  });

  test("answers 503 where the start fails, and serves once it does not", async () => {
    const host = await framework("http", { FAIL: "1", START_MS: "300" });
    const refused = await Promise.all(Array.from({ length: 3 }, () => fetch(host.url)));
    expect(refused.map(({ status }) => status)).toEqual([503, 503, 503]);
    expect(refused[0]?.headers.get("retry-after")).toBe("1");
    expect(await refused[0]?.text()).toBe("Service Unavailable\n");
    await host.waitForLine("no database");
    await sleep(400);
    expect(await host.get()).toEqual([200, '{"starts":2}']);
  });

  test("goes on with a start whose first client has gone away, and tells the body", async () => {
    const host = await framework("http", { START_MS: "500" });
    const answer = await goAway({
      first: (signal) => host.get("ms=1000", { signal }),
      begun: () => host.waitForLine("start 1"),
      other: () => host.get(),
    });
    expect(answer).toEqual([200, '{"starts":1}']);
    await host.waitForLine("aborted: The client has gone away");
  });

  test("sends all answers after SIGTERM, also those given after the function returned, refuses others, and exits", async () => {
    const host = await framework("http");
    const slow = [host.get("ms=1000"), host.get("ms=later1000"), host.get("ms=1000")];
    await vi.waitFor(() => expect(host.lines.filter((line) => line === "request")).toHaveLength(3), {
      timeout: patient(5000),
    });
    host.kill("SIGTERM");
    await host.waitForLine("drain");
    expect(await host.get()).toEqual([503, "Service Unavailable"]);
    expect(await Promise.all(slow)).toEqual(Array(3).fill([200, '{"starts":1}']));
    const { code, lines } = await host.exited;
    expect(lines.filter((line) => ended.includes(line))).toEqual(ended);
    const warned = lines.filter((line) => /warn|error/i.test(line));
    expect(warned).toEqual([
      expect.stringContaining('the bus "functions" is about to exit, it is in "drain"'),
    ]);
    expect(code).toBe(0);
  });

  test("fits the stop into what is left, and says what was cut", async () => {
    const host = await framework("http", { STOP_MS: "60000", GRACE_MS: "1000" });
    expect((await host.get())[0]).toBe(200);
    const begun = performance.now();
    host.kill("SIGTERM");
    const { code, lines } = await host.exited;
    expect(performance.now() - begun).toBeLessThan(patient(2000));
    expect(lines.join("\n")).toMatch(/stop, 0\.?[0-4]? s left/);
    expect(lines.join("\n")).toContain('"db" on "stop"');
    expect(lines).toContain("flush");
    expect(code).toBe(70);
  });

  test("cuts a request that takes longer than the drain, after telling it", async () => {
    const host = await framework("http", { GRACE_MS: "1500" });
    const slow = host.get("ms=60000").catch(() => "cut");
    await host.waitForLine("request");
    host.kill("SIGTERM");
    const { code, lines } = await host.exited;
    // The framework answers the latest one when the process exits.
    expect([500, "c"]).toContain((await slow)[0]);
    expect(lines.join("\n")).toMatch(/aborted:.*flush/s);
    expect(code).toBe(70);
  });

  test("ends at once by a second SIGTERM", async () => {
    const host = await framework("http", { STOP_MS: "60000" });
    await host.get();
    host.kill("SIGTERM");
    await host.waitForLine("stop,");
    await sleep(600);
    host.kill("SIGTERM");
    expect((await host.exited).code).toBe(143);
  });

  test("leaves an error of the body to the framework, which answers 500", async () => {
    const host = await framework("http");
    expect((await host.get("ms=throw"))[0]).toBe(500);
    expect(await host.get()).toEqual([200, '{"starts":1}']);
    host.kill("SIGTERM");
    expect((await host.exited).code).toBe(0);
  });

  test("tells of a thaw, where the process was stopped in between", async () => {
    const host = await framework("http", { THAW_MS: "300" });
    await host.get();
    await sleep(100);
    host.kill("SIGSTOP");
    await sleep(600);
    host.kill("SIGCONT");
    await Promise.all([host.get(), host.get()]);
    const [, gap] = (await host.waitForLine("thaw")).split(" ");
    expect(Number(gap)).toBeGreaterThanOrEqual(590);
    host.kill("SIGTERM");
    expect((await host.exited).lines.filter((line) => /^thaw/.test(line))).toHaveLength(1);
  });

  test("leaves SIGTERM to the framework before the first request: nothing is up", async () => {
    const host = await framework("http");
    host.kill("SIGTERM");
    const { code, lines } = await host.exited;
    expect(code).toBe(0);
    expect(lines.join()).not.toContain("drain");
  });

  test("warns of somebody else who listens for SIGTERM, and not of the framework", async () => {
    const host = await framework("http", { FOREIGN: "yes" });
    await host.get();
    const text = "Somebody else listens";
    expect(await host.waitForLine(text)).toContain("function somebodyElse()");
    await host.get();
    host.kill("SIGTERM");
    expect((await host.exited).lines.filter((line) => line.includes(text))).toHaveLength(1);
  });
});

describe("a bus that starts while the function's module is loaded", () => {
  test("is up before the framework listens, and has SIGTERM although the framework asks for it later", async () => {
    const host = await framework("http", { EAGER: "yes" });
    expect(host.lines.indexOf("up")).toBeLessThan(host.lines.findIndex((line) => /^listening/.test(line)));
    const slow = host.get("ms=400");
    await host.waitForLine("request");
    host.kill("SIGTERM");
    expect(await slow).toEqual([200, '{"starts":1}']);
    const { code, lines } = await host.exited;
    expect(lines.filter((line) => ended.includes(line))).toEqual(ended);
    expect(code).toBe(0);
  });

  test("ends the framework where it does not start", async () => {
    const args = ["--source=test/programs/google_functions.ts", "--target=http"];
    const env = { PORT: "0", EAGER: "yes", FAIL: "1" };
    const { code, lines } = await start("functions_framework", { args, env, timeoutMs: 20_000 }).exited;
    expect(lines.join("\n")).toMatch(/Provided module can't be loaded.*no database/s);
    expect(lines.join("\n")).not.toContain("listening");
    expect(code).toBe(1);
  });
});

describe("a CloudEvent function in the functions framework", () => {
  test("starts once for many events, and is retried where the start fails", async () => {
    const host = await framework("event", { FAIL: "1", START_MS: "300" });
    expect(await Promise.all(["a", "b", "c"].map((id) => host.send(id)))).toEqual([500, 500, 500]);
    await sleep(400);
    expect(await Promise.all(["a", "b", "c"].map((id) => host.send(id)))).toEqual([204, 204, 204]);
    host.kill("SIGTERM");
    const { lines } = await host.exited;
    expect(lines.filter((line) => /^start /.test(line))).toEqual(["start 1", "start 2"]);
    expect(lines.filter((line) => /^event .$/.test(line)).sort()).toEqual(["event a", "event b", "event c"]);
  });

  test("is finished and acknowledged after SIGTERM", async () => {
    const host = await framework("event");
    const sent = host.send("a", 500);
    await host.waitForLine("event a");
    host.kill("SIGTERM");
    expect(await sent).toBe(204);
    const { code, lines } = await host.exited;
    expect(lines.indexOf("event a is done")).toBeLessThan(lines.indexOf("stopped"));
    expect(code).toBe(0);
  });
});
