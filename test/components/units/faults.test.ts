/**
 * Faults of units, of their site and of the system around them, each with real processes.
 */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { describe, expect, onTestFinished, test } from "vitest";
import { start } from "../../spawn.ts";
import { ask, LONG_MS, startSite, times, untilGone, untilRuns, untilTimes } from "./_site_program.ts";

const programFile = (name: string) => fileURLToPath(new URL(`../../programs/${name}`, import.meta.url));

/** Clients that ask one after another, until they are told to stop; returns what ends them, with how many were answered. */
function load(port: number, clients: number): () => Promise<number> {
  let over = false;
  let answered = 0;
  const one = async () => {
    while (!over) {
      await ask(port).then(() => answered++, () => new Promise((resolve) => setTimeout(resolve, 5)));
    }
  };
  const all = Promise.all(Array.from({ length: clients }, one));
  return async () => {
    over = true;
    await all;
    return answered;
  };
}

/** Resolves when nobody listens on a port any more. */
async function untilFree(port: number): Promise<void> {
  for (let look = 0; look < 1000; look++) {
    const isFree = await ask(port).then(
      () => false,
      (error: { code?: string }) => error.code === "ECONNREFUSED",
    );
    if (isFree) return;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  throw new Error(`Somebody still listens on port ${port}`);
}

describe("under load", () => {
  test("units end by themselves where one of them and the site are killed in the same moment", async () => {
    const program = startSite({ port: 0, count: 3 });
    const { port, pids } = await untilRuns(program);
    const end = load(port, 8);
    await new Promise((resolve) => setTimeout(resolve, 200));
    program.kill("SIGKILL", pids[0]);
    program.kill("SIGKILL");
    await untilGone(pids);
    // Also what may have been started in the place of the first one.
    await untilFree(port);
    expect(await end()).toBeGreaterThan(0);
  }, LONG_MS);
});

test("a unit that crashes just after it is ready ends the roll, and the old one stays", async () => {
  const folder = mkdtempSync(join(tmpdir(), "sitebus-units-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const mark = join(folder, "crashes");
  const program = startSite({ port: 0, count: 1, steadyMs: 20_000, args: ["crashes when", mark] });
  const { port, pids } = await untilRuns(program);
  writeFileSync(mark, "");
  program.kill("SIGUSR2");
  expect(await program.waitForLine("not rolled: ")).toContain("ended within 20000 ms after it was ready");
  expect(await ask(port)).toBe(`1 ${pids[0]}`);
  expect(times(program, "start web/1")).toBe(2);
  program.kill("SIGTERM");
  expect((await program.exited).code).toBe(0);
}, LONG_MS);

test("a unit that floods its link harms nobody: its site serves, refuses once, rolls and ends", async () => {
  const program = startSite({ port: 0, count: 2, args: ["floods"], stuckMs: 60_000 });
  const { port } = await untilRuns(program);
  await untilTimes(program, "has flooded", 2);
  expect(await ask(port)).toMatch(/^[12] \d+$/);
  program.kill("SIGUSR2");
  await program.waitForLine("rolled");
  expect(await ask(port)).toMatch(/^[12] \d+$/);
  const refusals = program.lines.filter((line) => line.includes("Refused what the unit"));
  expect(refusals.length).toBeGreaterThan(0);
  expect(new Set(refusals).size).toBe(refusals.length);
  program.kill("SIGTERM");
  expect((await program.exited).code).toBe(0);
}, LONG_MS);

test("many units start, one that ends is replaced, and all end", async () => {
  const count = Number(process.env["UNITS_COUNT"] ?? 24);
  const program = startSite({ entry: programFile("unit_light.ts"), count, readyWithin: 300_000 }, {
    timeoutMs: LONG_MS * 5,
  });
  const { pids } = await untilRuns(program);
  expect(new Set(pids).size).toBe(count);
  program.kill("SIGTERM", pids[0]);
  await untilTimes(program, "start web/", count + 1);
  program.kill("SIGTERM");
  expect((await program.exited).code).toBe(0);
  await untilGone(pids);
  expect(times(program, "stop web/")).toBe(count + 1);
}, LONG_MS * 5);

test("a pool that may not open enough files does not start, says so, and leaves nothing behind", async () => {
  const program = startSite({ entry: programFile("unit_light.ts"), count: 40 }, {
    launcher: [programFile("few_files.sh")],
    env: { FILES: "48" },
  });
  const { code, lines } = await program.exited;
  expect(code).not.toBe(0);
  expect(lines.join("\n")).toMatch(/EMFILE|[Tt]oo many open files|ProcessFdQuotaExceeded/);
  const pids = lines.flatMap((line) => /"pid": ?(\d+)/.exec(line)?.[1] ?? []).map(Number);
  await untilGone(pids);
}, LONG_MS);

describe("with a file at number 3", () => {
  const launcher = [programFile("fd3_taken.sh")];

  test(
    "a pool serves on its own socket, and leaves alone what LISTEN_PID gives to another process",
    async () => {
      const env = { LISTEN_PID: "1", LISTEN_FDS: "1", LISTEN_FDNAMES: "web" };
      const program = startSite({ port: 0 }, { launcher, env });
      const { port } = await untilRuns(program);
      for (let time = 0; time < 4; time++) expect(await ask(port)).toMatch(/^[12] \d+$/);
      program.kill("SIGUSR2");
      await program.waitForLine("rolled");
      expect(await ask(port)).toMatch(/^[12] \d+$/);
      program.kill("SIGTERM");
      expect((await program.exited).code).toBe(0);
    },
    LONG_MS,
  );

  test("a pool does not start on it where LISTEN_PID says that it is the socket", async () => {
    const env = { LISTEN_PID: "own", LISTEN_FDS: "1", LISTEN_FDNAMES: "web" };
    const { code, lines } = await startSite({ port: 0 }, { launcher, env }).exited;
    expect(code).toBe(70);
    expect(lines).toContainEqual(
      expect.stringContaining('the socket "web" was given as number 3, and that is no socket'),
    );
  }, LONG_MS);
});

test("a pool serves on the socket that the system gives by LISTEN_FDS, again after a roll", async () => {
  const program = startSite({ port: 1 }, { launcher: ["python3", programFile("given_socket.py")] });
  const port = Number((await program.waitForLine("given ")).split(" ")[1]);
  await untilRuns(program);
  for (let time = 0; time < 4; time++) expect(await ask(port)).toMatch(/^[12] \d+$/);
  program.kill("SIGUSR2");
  await program.waitForLine("rolled");
  expect(await ask(port)).toMatch(/^[12] \d+$/);
  program.kill("SIGTERM");
  expect((await program.exited).code).toBe(0);
}, LONG_MS);

test(
  "eight units have one setting after a reload in which one dies, and each hears each message once while others are killed",
  async () => {
    const [messages, kills] = (process.env["UNITS_MESSAGES"] ?? "100 2").split(" ");
    const program = start("unit_eight", { args: [messages!, kills!], timeoutMs: LONG_MS * 5 });
    const found = await program.waitForLine("messages {");
    const { lines } = program;
    /** What each unit has: its color, how many messages it heard, how many out of order, and the last one. */
    const reports = (what: string) =>
      lines.flatMap((line) => {
        const [, report] = line.split(`${what}: web/`);
        return line.startsWith(what) && report !== undefined ? [report.slice(2).split(" ")] : [];
      });
    const colors = (what: string) => reports(what).map(([color]) => color);
    const eight = (color: string) => Array(8).fill(color);
    expect(lines).toContainEqual(expect.stringMatching(/^reload black: .*the unit "web\/3" ended/));
    expect(colors("black")).toEqual(eight("white"));
    expect(lines).toContain("reload blue: done");
    expect(colors("blue")).toEqual(eight("blue"));
    expect(colors("green")).toEqual(eight("green"));
    expect(lines.filter((line) => /^unclonable reload: .*it cannot be cloned: /.test(line))).toHaveLength(3);
    expect(JSON.parse(found.slice("messages ".length))).toMatchObject({ wrong: 0 });
    // No message came twice or out of its order, and those that were not killed heard all of them.
    expect(reports("messages").map(([, , wrong]) => wrong)).toEqual(eight("0"));
    const all = reports("messages").filter(([, heard]) => heard === messages);
    expect(all.length).toBeGreaterThanOrEqual(8 - Number(kills));
    program.kill("SIGTERM");
    expect((await program.exited).code).toBe(0);
  },
  LONG_MS * 5,
);

test(
  "the table of units is that of the system after random births and deaths of real processes",
  async () => {
    const program = start("unit_births", {
      args: [process.env["UNITS_BIRTHS"] ?? "25"],
      timeoutMs: LONG_MS * 5,
    });
    await program.waitForLine("right after ");
    expect((await program.exited).code).toBe(0);
  },
  LONG_MS * 5,
);
