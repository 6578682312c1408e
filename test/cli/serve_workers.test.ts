import { writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { describe, expect, onTestFinished, test } from "vitest";
import { loadPort } from "../../bench/_roll_load.ts";
import { isAlive, untilGone, untilTimes } from "../components/units/_site_program.ts";
import { sleep } from "../spawn.ts";
import { folderOf, moduleOf, sitebus } from "./_serve.ts";
import { APP, ask, childrenOf, LONG_MS, startWorkers, stopped, untilAnswered } from "./_workers.ts";

describe("serving by workers", () => {
  test("answers by several processes, and stops with all of them", async () => {
    const program = await startWorkers(moduleOf(APP));
    const pids = childrenOf(program.pid);
    expect(pids).toHaveLength(2);
    expect(program.lines.join("\n")).toMatch(/at http:\/\/127\.0\.0\.1:\d+\/, by 2 processes$/m);
    const seen = new Set<string>();
    for (let times = 0; times < 1000 && seen.size < 2; times++) seen.add(await ask(program.port));
    expect([...seen].map((text) => text.split(" ")[0]).sort()).toEqual(["web/1", "web/2"]);
    const lines = await stopped(program);
    expect(pids.some(isAlive)).toBe(false);
    expect(lines.at(-1)).toMatch(/^sitebus: stopped in \d+ ms, exit code 0$/);
  }, LONG_MS);

  test("loses no request while SIGHUP rolls it again and again under load", async () => {
    const program = await startWorkers(moduleOf(APP));
    const end = loadPort(program.port, false);
    const first = childrenOf(program.pid);
    for (let roll = 1; roll <= 3; roll++) {
      program.kill("SIGHUP");
      await untilTimes(program, "is rolled", roll);
    }
    // Those that come while a roll is under way are one more.
    for (let times = 0; times < 5; times++) program.kill("SIGHUP");
    await untilTimes(program, "is rolled", 4);
    await sleep(300);
    const counts = await end();
    for (const kind of ["new", "kept", "post", "events"] as const) {
      expect([kind, counts[kind].failed, counts[kind].cut]).toEqual([kind, 0, 0]);
    }
    expect(counts.new.answered).toBeGreaterThan(0);
    expect(counts.kept.answered).toBeGreaterThan(0);
    await untilGone(first);
    const lines = await stopped(program);
    expect(lines.filter((line) => /warning|error/.test(line))).toEqual([]);
  }, 2 * LONG_MS);

  test("replaces a worker that is killed under load, and refuses nobody", async () => {
    const program = await startWorkers(moduleOf(APP));
    const end = loadPort(program.port, false);
    await sleep(300);
    const [victim = 0] = childrenOf(program.pid);
    program.kill("SIGKILL", victim);
    await program.waitForLine("ended, and nobody had asked it to");
    await untilTimes(program, "is ready", 3);
    await sleep(300);
    const counts = await end();
    // What the dead one had accepted is lost: at most a request of each client.
    expect(counts.new.failed).toBeLessThanOrEqual(8);
    expect(counts.new.answered).toBeGreaterThan(20);
    expect(childrenOf(program.pid)).toHaveLength(2);
    expect(childrenOf(program.pid)).not.toContain(victim);
    await stopped(program);
  }, LONG_MS);

  test("keeps the old workers where the module does not load on a roll, and says why", async () => {
    const module = moduleOf(APP);
    const program = await startWorkers(module);
    const before = childrenOf(program.pid);
    writeFileSync(module, "export default ;");
    program.kill("SIGHUP");
    await program.waitForLine(`sitebus: web/1: Cannot load "${module}"`);
    expect(await program.waitForLine("The roll of pool")).toMatch(
      /^sitebus: error: The roll of pool "web" failed, the old units stay: The unit "web\/1" exited with 70 before it was ready$/,
    );
    expect(childrenOf(program.pid)).toEqual(before);
    expect(await ask(program.port)).toMatch(/^web\/[12] \d+$/);
    writeFileSync(module, `export default () => new Response("mended");`);
    program.kill("SIGHUP");
    await untilTimes(program, "is rolled", 1);
    expect(await ask(program.port)).toBe("mended");
    await stopped(program);
  }, LONG_MS);

  test("fails where a worker is never ready, and leaves none", async () => {
    const source = `setInterval(() => {}, 1000); await new Promise(() => {}); ${APP}`;
    const program = sitebus(
      ["serve", moduleOf(source), "--workers", "2", "--port", "0", "--start-within", "2s"],
      { timeoutMs: LONG_MS },
    );
    const { code, lines } = await program.exited;
    expect(code).toBe(70);
    expect(lines.join("\n")).toMatch(/its import has not settled in 2(\.0)? s|was not ready within/);
    expect(lines.join("\n")).toMatch(/web did not start: The unit "web\/[12]" /);
  }, LONG_MS);

  test("fails where a worker spins before it is ready", async () => {
    const program = sitebus(
      ["serve", moduleOf("for (;;);"), "--workers", "1", "--port", "0", "--start-within", "1s"],
      { timeoutMs: LONG_MS },
    );
    const { code, lines } = await program.exited;
    expect(code).toBe(70);
    expect(lines).toContainEqual(
      expect.stringContaining('web did not start: The unit "web/1" was not ready within 2000 ms'),
    );
  }, LONG_MS);

  test("ends its workers where it is killed itself", async () => {
    const program = await startWorkers(moduleOf(APP));
    const pids = childrenOf(program.pid);
    program.kill("SIGKILL");
    await untilGone(pids);
  }, LONG_MS);

  test("ends at once at a second signal, and its workers with it", async () => {
    const program = await startWorkers(moduleOf(APP));
    const pids = childrenOf(program.pid);
    const answer = ask(program.port, "/hang").catch(() => "cut");
    await sleep(500);
    program.kill("SIGTERM");
    await program.waitForLine("SIGTERM: stopping");
    await sleep(700);
    program.kill("SIGTERM");
    const { code } = await program.exited;
    expect(code).toBe(143);
    expect(await answer).toBe("cut");
    await untilGone(pids);
  }, LONG_MS);

  test("says which port is taken", async () => {
    const server = createServer();
    onTestFinished(() => void server.close());
    const port = await new Promise<number>((resolve) => {
      server.listen(0, "127.0.0.1", () => resolve((server.address() as { port: number }).port));
    });
    const { code, lines } = await sitebus([
      ...["serve", moduleOf(APP), "--workers", "2", "--port", String(port)],
    ], { timeoutMs: LONG_MS }).exited;
    expect(code).toBe(70);
    expect(lines.join("\n")).toContain(`Cannot hold the socket "web" on 127.0.0.1:${port}: `);
  }, LONG_MS);

  test("says once that there is no such module", async () => {
    const { code, lines } = await sitebus(["serve", "nowhere.mjs", "--workers", "2"]).exited;
    expect(code).toBe(70);
    expect(lines).toEqual([expect.stringMatching(/^sitebus: Cannot load "nowhere.mjs": there is no file "/)]);
  }, LONG_MS);

  test("reads the config file again at each roll", async () => {
    const folder = folderOf({
      "app.mjs": `export default { fetch: () => new Response("old") };`,
      "other.mjs": `export default { fetch: () => new Response("new") };`,
      "sitebus.config.json": JSON.stringify({ module: "app.mjs", workers: 2, port: 0 }),
    });
    const program = sitebus(["serve"], { cwd: folder, timeoutMs: LONG_MS });
    await program.waitForLine("by 2 processes");
    const port = Number(/127\.0\.0\.1:(\d+)/.exec(program.lines.join("\n"))?.[1]);
    expect(await ask(port)).toBe("old");
    writeFileSync(
      `${folder}/sitebus.config.json`,
      JSON.stringify({ module: "other.mjs", workers: 2, port: 0 }),
    );
    program.kill("SIGHUP");
    await untilTimes(program, "is rolled", 1);
    await untilAnswered(port, (text) => text === "new");
    program.kill("SIGTERM");
    expect((await program.exited).code).toBe(0);
  }, LONG_MS);

  test("replaces a worker after as many connections as it may have", async () => {
    const program = await startWorkers(moduleOf(APP), ["--workers", "2", "--max-requests", "1"]);
    const seen = new Set<string>();
    for (let times = 0; times < 5; times++) seen.add(await ask(program.port));
    expect(seen.size).toBe(5);
    await stopped(program);
  }, LONG_MS);
});
