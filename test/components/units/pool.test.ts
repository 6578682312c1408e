import { get } from "node:http";
import { createServer } from "node:net";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { describe, expect, onTestFinished, test } from "vitest";
import { pool, type PoolOptions } from "../../../components/units.ts";
import { inline, ProcessBus } from "../../../mod.ts";
import { type Program, runtime, start } from "../../spawn.ts";

const LONG_MS = 60_000;

/** Starts a site with a pool of `unit_worker.ts`. */
function startSite(options: Partial<PoolOptions> & { readonly port?: number } = {}): Program {
  return start("unit_site", { args: [JSON.stringify(options)], timeoutMs: LONG_MS });
}

/** Waits until it runs; returns the port that it listens on, and the processes of its units. */
async function untilRuns(
  program: Program,
): Promise<{ readonly port: number; readonly pids: readonly number[] }> {
  const line = await program.waitForLine("runs {");
  const [, sockets = "{}", pids = ""] = /runs (\{.*\}) ([\d,]*)/.exec(line) ?? [];
  return { port: JSON.parse(sockets).web?.port, pids: pids.split(",").filter(Boolean).map(Number) };
}

/** How often a line was printed. */
function times(program: Program, text: string): number {
  return program.lines.filter((line) => line.includes(text)).length;
}

/** Waits until a line was printed so often. */
async function untilTimes(program: Program, text: string, count: number): Promise<void> {
  for (let look = 0; times(program, text) < count; look++) {
    if (look > 2000) {
      throw new Error(`"${text}" came ${times(program, text)} times:\n${program.lines.join("\n")}`);
    }
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

function ask(port: number): Promise<string> {
  return new Promise((resolve, reject) => {
    get({ port, host: "127.0.0.1", agent: false }, (response) => {
      let text = "";
      response.setEncoding("utf8").on("data", (part) => text += part).on("end", () => resolve(text));
    }).on("error", reject);
  });
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

async function untilGone(pids: readonly number[]): Promise<void> {
  for (let look = 0; pids.some(isAlive); look++) {
    if (look > 500) throw new Error(`Still there: ${pids.filter(isAlive).join()}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

/** Threads that listen need the C library, which Node 22 and 24 call by koffi alone. */
const needsKoffi = runtime === "node" && Number(process.versions.node.split(".")[0]) < 26;

describe.each(["process", "thread"] as const)("a pool of the kind %s", (kind) => {
  test.skipIf(kind === "thread" && needsKoffi)("serves on one port, rolls, and ends in order", async () => {
    const program = startSite({ kind, port: 0 });
    const { port } = await untilRuns(program);
    const slots = new Set<string>();
    for (let times = 0; times < 200 && slots.size < 2; times++) slots.add((await ask(port)).split(" ")[0]!);
    expect([...slots].sort()).toEqual(["1", "2"]);
    program.kill("SIGUSR2");
    await program.waitForLine("rolled");
    expect(await ask(port)).toMatch(/^[12] \d+$/);
    program.kill("SIGTERM");
    const { code, lines } = await program.exited;
    expect(code).toBe(0);
    expect(lines.filter((line) => /^(start|stop) web/.test(line)).map((line) => line.replace(/ \{.*/, "")))
      .toEqual([
        expect.stringMatching("start web/[12]"),
        expect.stringMatching("start web/[12]"),
        "start web/1",
        "stop web/1",
        "start web/2",
        "stop web/2",
        expect.stringMatching("stop web/[12]"),
        expect.stringMatching("stop web/[12]"),
      ]);
    expect(lines.filter((line) => line.includes("stops by site"))).toHaveLength(4);
  }, LONG_MS);

  test("gives its units the details before their buses enter", async () => {
    const program = startSite({ kind, count: 1, details: { color: "red" } });
    await untilRuns(program);
    expect(program.lines).toContain('1 enters with {"color":"red"}');
    program.kill("SIGTERM");
    await program.exited;
  }, LONG_MS);

  test("replaces a unit that crashes", async () => {
    const program = startSite({ kind, count: 1, args: ["crashes"], maxRestarts: 100 });
    await untilTimes(program, 'stop web/1 {"why":"failed","code":9', 3);
    await untilTimes(program, "start web/1", 4);
    program.kill("SIGTERM");
    await program.exited;
  }, LONG_MS);

  test("does not start where a unit exits at once", async () => {
    const program = startSite({ kind, args: ["exits"] });
    const { code, lines } = await program.exited;
    expect(code).toBe(70);
    expect(lines).toContainEqual(
      expect.stringMatching(/The unit "web\/[12]" exited with 3 before it was ready/),
    );
  }, LONG_MS);

  test("does not start where a unit is never ready", async () => {
    const program = startSite({ kind, count: 1, args: ["never ready"], readyWithin: 1500 });
    const { code, lines } = await program.exited;
    expect(code).toBe(70);
    expect(lines).toContainEqual(expect.stringContaining('The unit "web/1" was not ready within 1500 ms'));
  }, LONG_MS);

  test("says why a unit failed that throws", async () => {
    const program = startSite({ kind, count: 1, args: ["throws"] });
    await untilTimes(program, 'stop web/1 {"why":"failed"', 1);
    if (kind === "thread") await program.waitForLine("nobody had asked it to: thrown on purpose");
    program.kill("SIGTERM");
    await program.exited;
  }, LONG_MS);

  test("keeps the old units where a roll fails, and says so", async () => {
    const folder = mkdtempSync(join(tmpdir(), "sitebus-units-"));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    const mark = join(folder, "broken");
    const program = startSite({ kind, args: ["broken", mark] });
    await untilRuns(program);
    writeFileSync(mark, "");
    program.kill("SIGUSR2");
    await program.waitForLine("not rolled: ");
    expect(program.lines).toContainEqual(
      expect.stringMatching(
        /^\[error\] The roll of pool "web" failed, the old units stay: The unit "web\/1"/,
      ),
    );
    expect(times(program, "stop web/")).toBe(0);
    rmSync(mark);
    program.kill("SIGUSR2");
    await program.waitForLine("rolled");
    program.kill("SIGTERM");
    expect((await program.exited).code).toBe(0);
  }, LONG_MS);

  test("ends a unit by force that ignores its end", async () => {
    const program = startSite({ kind, count: 1, args: ["ignores"], drainWithin: 500, stopWithin: 500 });
    await untilRuns(program);
    program.kill("SIGUSR2");
    await program.waitForLine("is ended by force: it did not exit within 1000 ms");
    await program.waitForLine("rolled");
    expect(times(program, 'stop web/1 {"why":"killed"')).toBe(1);
    program.kill("SIGKILL");
    await program.exited;
  }, LONG_MS);

  test("kills and replaces a unit that spins", async () => {
    // On Deno a spinning thread cannot be ended: it is replaced all the same, and its end is not told.
    const lies = runtime === "deno" && kind === "thread";
    const folder = mkdtempSync(join(tmpdir(), "sitebus-units-"));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    const program = startSite({ kind, count: 1, args: ["spins once", join(folder, "spun")], stuckMs: 1000 });
    await program.waitForLine("is ended by force: it has not answered");
    await untilTimes(program, "start web/1", 2);
    expect(times(program, "stop web/1")).toBe(lies ? 0 : 1);
    program.kill("SIGTERM");
    await program.waitForLine("site left with");
    if (lies) program.kill("SIGKILL");
    await program.exited;
  }, LONG_MS);
});

describe("a pool of processes", () => {
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
    program.kill("SIGINT");
    expect((await program.exited).lines.filter((line) => line.includes("stops by site"))).toHaveLength(2);
  }, LONG_MS);

  test("exits in order where somebody signals a unit, and replaces it", async () => {
    const program = startSite({ count: 1 });
    const { pids } = await untilRuns(program);
    program.kill("SIGTERM", pids[0]);
    await program.waitForLine("1 stops by SIGTERM");
    await untilTimes(program, "start web/1", 2);
    program.kill("SIGTERM");
    await program.exited;
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

test.each<[title: string, options: object, message: string]>([
  ["without a name", { name: undefined }, "Cannot make a pool: the name is undefined"],
  [
    "without an entry",
    { entry: undefined },
    'Cannot make the pool "web": "entry" is undefined, expected the path',
  ],
  ["of an unknown kind", { kind: "fiber" }, '"kind" is "fiber", expected "process" or "thread"'],
  ["of no unit", { count: 0 }, '"count" is 0, expected a whole number from 1 to 1000'],
  ["of too many units", { count: 100_000 }, '"count" is 100000, expected a whole number from 1 to 1000'],
  ["with an unknown option", { workers: 2 }, 'unknown option "workers"'],
  [
    "with a port out of range",
    { listen: { web: { port: 70_000 } } },
    '"port" is 70000, expected a whole number from 0 to 65535',
  ],
  [
    "with a socket on two places",
    { listen: { web: { port: 1, path: "/a" } } },
    "it has a path and a host or port",
  ],
  [
    "with a socket of a bad name",
    { listen: { "a,b": { port: 1 } } },
    '"listen.a,b": the name of a socket has no comma',
  ],
  ["of threads with a limit on memory", { kind: "thread", maxMemory: 1e9 }, '"maxMemory" is for processes'],
  ["of threads with a user", { kind: "thread", user: 1, group: 1 }, '"user" and "group" are for processes'],
  ["with a user and no group", { user: 1 }, '"group" is undefined, expected a whole number'],
  ["with a right that is none", { rights: ["everything"] }, 'the right "everything" is unknown'],
  ["with a jitter that is no part", { jitter: 2 }, '"jitter" is 2, expected a number from 0 to 1'],
  ["with a time that is none", { readyWithin: -1 }, '"readyWithin" is -1, expected milliseconds'],
  ["with arguments that are no texts", { args: [1] }, '"args" is an object, expected a list of strings'],
  ["with an unknown end", { onDegraded: "panic" }, '"onDegraded" is "panic", expected "continue" or "exit"'],
])("a pool %s is refused", (_title, options, message) => {
  const bus = new ProcessBus({ platform: inline() });
  const given = { name: "web", kind: "process", entry: "worker.ts", ...options } as PoolOptions;
  expect(() => pool(bus, given)).toThrow(message);
});
