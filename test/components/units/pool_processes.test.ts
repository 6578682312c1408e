import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { describe, expect, onTestFinished, test } from "vitest";
import {
  ask,
  isAlive,
  LONG_MS,
  startSite,
  times,
  untilGone,
  untilRuns,
  untilTimes,
} from "./_site_program.ts";

describe("a pool of processes", () => {
  test("replaces a unit that crashes", async () => {
    const program = startSite({ count: 1, args: ["crashes"], maxRestarts: 100 });
    await untilTimes(program, 'stop web/1 {"why":"failed","code":9', 3);
    await untilTimes(program, "start web/1", 4);
    program.kill("SIGTERM");
    await program.exited;
  }, LONG_MS);

  test(
    "replaces a unit whose bus is asked for graceful, and the old one serves until the new one is ready",
    async () => {
      const folder = mkdtempSync(join(tmpdir(), "sitebus-graceful-"));
      onTestFinished(() => rmSync(folder, { recursive: true }));
      const program = startSite({ count: 1, port: 0, args: ["graceful once", join(folder, "mark")] });
      const { port } = await untilRuns(program);
      while (times(program, "stop web/1") === 0) expect(await ask(port)).toMatch(/^1 \d+$/);
      expect(program.lines).toContainEqual(expect.stringContaining('stop web/1 {"why":"asked","code":0'));
      const [second, stop] = ["start web/1", "stop web/1"].map((text) =>
        program.lines.findLastIndex((line) => line.startsWith(text))
      );
      expect(second).toBeLessThan(stop!);
      expect(times(program, "start web/1")).toBe(2);
      expect(program.lines.filter((line) => line.startsWith("[error]"))).toEqual([]);
      program.kill("SIGTERM");
      expect((await program.exited).code).toBe(0);
    },
    LONG_MS,
  );

  test("does not start where a unit exits at once", async () => {
    const program = startSite({ args: ["exits"] });
    const { code, lines } = await program.exited;
    expect(code).toBe(70);
    expect(lines).toContainEqual(
      expect.stringMatching(/The unit "web\/[12]" exited with 3 before it was ready/),
    );
  }, LONG_MS);

  test("does not start where a unit is never ready", async () => {
    const program = startSite({ count: 1, args: ["never ready"], readyWithin: 1500 });
    const { code, lines } = await program.exited;
    expect(code).toBe(70);
    expect(lines).toContainEqual(expect.stringContaining('The unit "web/1" was not ready within 1500 ms'));
  }, LONG_MS);

  test("ends a unit by force that ignores its end", async () => {
    const program = startSite({ count: 1, args: ["ignores"], drainWithin: 500, stopWithin: 500 });
    await untilRuns(program);
    program.kill("SIGUSR2");
    await program.waitForLine("is ended by force: it did not exit within 1000 ms");
    await program.waitForLine("rolled");
    expect(times(program, 'stop web/1 {"why":"killed"')).toBe(1);
    program.kill("SIGTERM");
    await program.exited;
  }, LONG_MS);

  test("replaces a unit that is killed, under the same port", async () => {
    const program = startSite({ port: 0 });
    const { port, pids } = await untilRuns(program);
    program.kill("SIGKILL", pids[0]);
    await program.waitForLine('{"why":"failed","signal":"SIGKILL"');
    for (let times = 0; times < 20; times++) expect(await ask(port)).toMatch(/^[12] \d+$/);
    await untilTimes(program, "start web/", 3);
    program.kill("SIGTERM");
    expect((await program.exited).code).toBe(0);
  }, LONG_MS);

  test("ends with its site, however that dies", async () => {
    const program = startSite();
    const { pids } = await untilRuns(program);
    program.kill("SIGKILL");
    await untilGone(pids);
  }, LONG_MS);

  test("is left alone by Ctrl-C, which reaches all of the group: the site asks its units", async () => {
    const program = startSite();
    const { pids } = await untilRuns(program);
    for (const pid of pids) program.kill("SIGINT", pid);
    for (const pid of pids) program.kill("SIGHUP", pid);
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect(pids.every(isAlive)).toBe(true);
    // SIGTERM is for the unit itself, which is replaced.
    program.kill("SIGTERM", pids[0]);
    await untilTimes(program, "stops by SIGTERM", 1);
    await untilTimes(program, "start web/", 3);
    program.kill("SIGINT");
    expect((await program.exited).lines.filter((line) => line.includes("stops by site"))).toHaveLength(2);
  }, LONG_MS);

  test("kills and replaces a unit that was stopped", async () => {
    const program = startSite({ count: 1, stuckMs: 1000 });
    const { pids } = await untilRuns(program);
    program.kill("SIGSTOP", pids[0]);
    await program.waitForLine('stop web/1 {"why":"killed","signal":"SIGKILL"');
    await untilTimes(program, "start web/1", 2);
    program.kill("SIGTERM");
    await program.exited;
  }, LONG_MS);

  test("recycles a unit that eats memory", async () => {
    const program = startSite({ count: 1, args: ["eats"], maxMemory: 250e6 });
    await program.waitForLine('Unit "web/1" is recycled: it has');
    await program.waitForLine('stop web/1 {"why":"recycled","code":0');
    program.kill("SIGTERM");
    await program.exited;
  }, LONG_MS);

  test("forks and dies where each unit is for one connection, and every client is served", async () => {
    const program = startSite({ port: 0, maxRequests: 1 });
    const { port } = await untilRuns(program);
    const seen = new Set<string>();
    for (let times = 0; times < 6; times++) seen.add(await ask(port));
    expect(seen.size).toBe(6);
    await untilTimes(program, "stop web/", 6);
    expect(times(program, '"why":"recycled","code":0')).toBe(times(program, "stop web/"));
    program.kill("SIGTERM");
    expect((await program.exited).code).toBe(0);
  }, LONG_MS);

  test("replaces a unit that is worn before it is full", async () => {
    const program = startSite({ port: 0, count: 1, maxRequests: 10, jitter: 1 });
    const { port } = await untilRuns(program);
    for (let times = 0; times < 9; times++) await ask(port);
    await program.waitForLine("it has had enough connections");
    await program.waitForLine('stop web/1 {"why":"recycled","code":0');
    program.kill("SIGTERM");
    await program.exited;
  }, LONG_MS);

  test.skipIf(process.getuid?.() !== 0)(
    "runs its units as another user, without the groups of the site",
    async () => {
      const program = startSite({ port: 0, count: 1, user: 65_534, group: 65_534 });
      const { port, pids } = await untilRuns(program);
      const status = readFileSync(`/proc/${pids[0]}/status`, "utf8");
      const field = (name: string) =>
        new RegExp(`^${name}:[ \\t]*(.*)$`, "m").exec(status)?.[1]?.trim().split(/\s+/);
      expect(field("Uid")).toEqual(Array(4).fill("65534"));
      expect(field("Gid")).toEqual(Array(4).fill("65534"));
      expect(field("Groups")?.filter((group) => group !== "" && group !== "65534")).toEqual([]);
      expect(await ask(port)).toMatch(/^1 \d+$/);
      program.kill("SIGTERM");
      expect((await program.exited).code).toBe(0);
    },
    LONG_MS,
  );

  test("says which port is taken", async () => {
    const server = createServer();
    const port = await new Promise<number>((resolve) => {
      server.listen(0, "127.0.0.1", () => resolve((server.address() as { port: number }).port));
    });
    onTestFinished(() => void server.close());
    const { code, lines } = await startSite({ port }).exited;
    expect(code).toBe(70);
    expect(lines).toContainEqual(
      expect.stringContaining(`Cannot hold the socket "web" on 127.0.0.1:${port}: `),
    );
  }, LONG_MS);

  test("does not let a child's start block the accepts of the others", async () => {
    const program = startSite({ port: 0, count: 1 });
    const { pids } = await untilRuns(program);
    // O_NONBLOCK belongs to the socket, and not to who has it.
    const words = readFileSync(`/proc/${pids[0]}/environ`, "utf8").split("\0");
    const [, fd] = /SITEBUS_FDS=(\d+):web/.exec(words.find((word) => word.startsWith("SITEBUS_FDS")) ?? "") ??
      [];
    const flags = () =>
      Number.parseInt(/flags:\s*(\d+)/.exec(readFileSync(`/proc/${pids[0]}/fdinfo/${fd}`, "utf8"))![1]!, 8);
    expect(flags() & 0o4000).toBe(0o4000);
    let blocked = 0;
    const timer = setInterval(
      () => blocked += existsSync(`/proc/${pids[0]}`) && !(flags() & 0o4000) ? 1 : 0,
      1,
    );
    program.kill("SIGUSR2");
    await program.waitForLine('Unit "web/1" is ready');
    clearInterval(timer);
    expect(blocked).toBe(0);
    await program.waitForLine("rolled");
    program.kill("SIGTERM");
    await program.exited;
  }, LONG_MS);
});
