import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { describe, expect, onTestFinished, test } from "vitest";
import { pool, type PoolOptions } from "../../../components/units.ts";
import { inline, ProcessBus } from "../../../mod.ts";
import { runtime } from "../../spawn.ts";
import { ask, LONG_MS, startSite, times, untilRuns, untilTimes } from "./_site_program.ts";

/** Threads that listen need the C library, which Node 22 and 24 call by koffi alone. */
const needsKoffi = runtime === "node" && Number(process.versions.node.split(".")[0]) < 26;

describe.each(["process", "thread"] as const)("a pool of the kind %s", (kind) => {
  test.skipIf(kind === "thread" && needsKoffi)("serves on one port, rolls, and ends in order", async () => {
    const program = startSite({ kind, port: 0, details: { color: "red" } });
    const { port } = await untilRuns(program);
    expect(program.lines).toContain('1 enters with {"color":"red"}');
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

test("says why a thread failed that throws", async () => {
  const program = startSite({ kind: "thread", count: 1, args: ["throws"] });
  await untilTimes(program, 'stop web/1 {"why":"failed"', 1);
  await program.waitForLine("nobody had asked it to: thrown on purpose");
  program.kill("SIGTERM");
  await program.exited;
}, LONG_MS);

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
