import { readdirSync } from "node:fs";
import process from "node:process";
import { describe, expect, test } from "vitest";
import { patient } from "../../scripts/patience.ts";
import { place } from "./_asked.ts";

const timeout = patient(60_000);

describe("sitebus ctl reads", { timeout }, () => {
  test("the status, by name and by pid", async () => {
    const { asked, run } = place();
    const { pid } = await asked({ name: "ctl-status" });
    const { code, lines } = await run("ctl", "ctl-status");
    expect(code).toBe(0);
    expect(lines[0]).toMatch(new RegExp(`^ctl-status, process ${pid}: run for .*, ready$`));
    expect(lines[1]).toMatch(/^version 1\.2\.3, (Node|Deno|Bun) /);
    expect(lines.find((line) => line.startsWith("db "))).toMatch(/^db +up +\d+ ms/);
    const byPid = await run("ctl", `${pid}`, "status", "--json");
    expect(JSON.parse(byPid.lines[0] ?? "")).toMatchObject({ name: "ctl-status", pid, state: "run" });
  });

  test("the report of the bus, and the last start", async () => {
    const { asked, run } = place();
    await asked({ name: "ctl-read" });
    const report = await run("ctl", "ctl-read", "inspect");
    expect(JSON.parse(report.lines.join("\n"))).toMatchObject({ bus: "ctl-read", state: "run" });
    const timeline = await run("ctl", "ctl-read", "timeline");
    expect(timeline.lines[0]).toMatch(/^last start, \S+Z: \d+ ms$/);
    expect(timeline.lines[1]).toMatch(/^\* db start +\d+ ms +█/);
  });

  test("the log, until the process ends", async () => {
    const { asked, begin, run } = place();
    const program = await asked({ name: "ctl-log" });
    const [text, json] = [begin("ctl", "ctl-log", "log"), begin("ctl", "ctl-log", "log", "--json")];
    // They follow once they have printed something that happens now.
    while (text.lines.length === 0 || json.lines.length === 0) {
      expect((await run("ctl", "ctl-log", "reload")).code).toBe(0);
    }
    program.kill("SIGTERM");
    const [one, two] = await Promise.all([text.exited, json.exited]);
    expect([one.code, two.code]).toEqual([0, 0]);
    expect(one.lines.join("\n")).toMatch(/^ctl-log: db is stopped in \d+ ms$/m);
    const records = two.lines.map((line) => JSON.parse(line));
    expect(records.find(({ event, status }) => event === "component" && status === "down")).toMatchObject({
      ...{ bus: "ctl-log", component: "db" },
    });
  });
});

test("sitebus ctl log ends where nobody reads it any more", { timeout }, async () => {
  const { asked, begin, run } = place();
  await asked({ name: "ctl-pipe" });
  const log = begin("ctl", "ctl-pipe", "log");
  while (log.lines.length === 0) expect((await run("ctl", "ctl-pipe", "reload")).code).toBe(0);
  log.closeOutput();
  expect((await run("ctl", "ctl-pipe", "reload")).code).toBe(0);
  expect((await log.exited).code).toBe(0);
});

describe("sitebus ctl does, prints what happens, and ends with 0", { timeout }, () => {
  test("stop and start, with who is waited for meanwhile", async () => {
    const { asked, begin, run } = place();
    const { pid } = await asked({ name: "ctl-stop", stopMs: patient(3_000) });
    const stopping = begin("ctl", "ctl-stop", "stop");
    await stopping.waitForLine("ctl-stop: stop");
    const late = await run("ctl", "ctl-stop");
    expect(late.lines[0]).toMatch(/: stop for .* left, not ready$/);
    expect(late.lines.join("\n")).toMatch(/^ {2}"db" on "stop" for [\d.]+ m?s, cut in \d/m);
    const { code, lines } = await stopping.exited;
    expect(lines.join("\n")).toMatch(/^ {2}waits for "db" on "stop" for [\d.]+ s, cut in /m);
    expect(lines.join("\n")).toMatch(/^ctl-stop: db is stopped in \d+ ms$/m);
    expect(lines.at(-1)).toMatch(/^ctl-stop: stop done in [\d.]+ s$/);
    expect(code).toBe(0);
    // The process is the same one.
    const idle = await run("ctl", `${pid}`, "--json");
    expect(JSON.parse(idle.lines[0] ?? "")).toMatchObject({ pid, state: "idle", ready: false });
    const started = await run("ctl", "ctl-stop", "start");
    expect(started.lines.at(-1)).toMatch(/^ctl-stop: start done in /);
    expect(started.code).toBe(0);
  });

  test("graceful and reload, as JSON", async () => {
    const { asked, run } = place();
    await asked({ name: "ctl-json" });
    for (const verb of ["graceful", "reload"]) {
      const { code, lines } = await run("ctl", "ctl-json", verb, "--json");
      const records = lines.map((line) => JSON.parse(line));
      expect(records.at(-1)).toMatchObject({ event: "result", ok: true });
      expect(records.length).toBeGreaterThan(1);
      expect(code).toBe(0);
    }
  });

  test("roll and scale", async () => {
    const { asked, run } = place();
    await asked({ name: "ctl-roll", count: 1 });
    const units = async () => {
      const { lines } = await run("ctl", "ctl-roll", "--json");
      return (JSON.parse(lines[0] ?? "").units as { pid: number }[]).map(({ pid }) => pid);
    };
    const before = await units();
    const rolled = await run("ctl", "ctl-roll", "roll");
    expect(rolled.lines.at(-1)).toMatch(/^ctl-roll: roll done in /);
    expect(rolled.code).toBe(0);
    const after = await units();
    expect([after.length, after[0] === before[0]]).toEqual([1, false]);
    expect((await run("ctl", "ctl-roll", "scale", "2", "--pool", "web")).code).toBe(0);
    expect(await units()).toHaveLength(2);
  });

  test("exit, and the process is gone", async () => {
    const { asked, run, sockets } = place();
    const program = await asked({ name: "ctl-exit" });
    const { code, lines } = await run("ctl", "ctl-exit", "exit");
    expect(lines.at(-1)).toMatch(/^ctl-exit: exit done in /);
    expect(code).toBe(0);
    expect((await program.exited).code).toBe(0);
    expect(readdirSync(sockets)).toEqual([]);
  });

  test("restart, and the successor runs", async () => {
    const { asked, run } = place();
    await asked({ name: "ctl-restart" });
    const { code, lines } = await run("ctl", "ctl-restart", "restart");
    expect(lines.at(-1)).toMatch(/^ctl-restart: restart done in /);
    expect(code).toBe(0);
    const status = await run("ctl", "ctl-restart", "--json");
    expect(JSON.parse(status.lines[0] ?? "")).toMatchObject({ state: "run", ready: true });
    expect((await run("ctl", "ctl-restart", "exit")).code).toBe(0);
  });
});

describe("sitebus ctl ends with", { timeout }, () => {
  test("1 where it has failed, with the reason", async () => {
    const { asked, run } = place();
    await asked({ name: "ctl-fails", fails: true });
    const vetoed = await run("ctl", "ctl-fails", "reload", "--details", '"veto"');
    expect(vetoed.lines.at(-1)).toMatch(
      /^sitebus: "ctl-fails", process \d+, did not reload: .*configuration is wrong/,
    );
    expect(vetoed.code).toBe(1);
    const graceful = await run("ctl", "ctl-fails", "graceful", "--json");
    expect(JSON.parse(graceful.lines.at(-1) ?? "")).toMatchObject({
      ...{ event: "result", ok: false },
      error: expect.stringContaining("no route to the database"),
    });
    expect(graceful.code).toBe(1);
    const rolled = await run("ctl", "ctl-fails", "roll");
    expect(rolled.lines.at(-1)).toMatch(/did not roll: There is no pool of units$/);
    expect(rolled.code).toBe(1);
  });

  test("1 where two processes have the name, with their pids", async () => {
    const { asked, run } = place();
    const both = await Promise.all([asked({ name: "ctl-two" }), asked({ name: "ctl-two" })]);
    const { code, lines } = await run("ctl", "ctl-two", "exit");
    const pids = both.map(({ pid }) => pid).sort((a, b) => a - b).join(", ");
    expect(lines).toEqual([`sitebus: "ctl-two" is the name of several processes: give one of ${pids}`]);
    expect(code).toBe(1);
    // Where one of them was killed, the other is meant.
    both[0].kill("SIGKILL");
    await both[0].exited;
    expect((await run("ctl", "ctl-two", "exit")).code).toBe(0);
    expect((await both[1].exited).code).toBe(0);
  });

  test("2 where nobody is there, and 2 where the process was killed or has no socket", async () => {
    const { asked, run, sockets } = place();
    const nobody = await run("ctl", "no-such", "status");
    expect(nobody).toMatchObject({
      code: 2,
      lines: [
        'sitebus: There is no process "no-such" with an open control socket of this user (see sitebus ps)',
      ],
    });
    const program = await asked({ name: "ctl-killed" });
    program.kill("SIGKILL");
    await program.exited;
    expect((await run("ctl", "ctl-killed", "exit", "--json")).code).toBe(2);
    expect(readdirSync(sockets)).toEqual([]);
    const other = await run("ctl", `${process.pid}`);
    expect(other.lines).toEqual([
      expect.stringContaining(`Process ${process.pid} lives, and has no open control`),
    ]);
    expect(other.code).toBe(2);
  });

  test("3 where the process lives and does not answer, before and in the middle", async () => {
    const { asked, begin, run } = place();
    const program = await asked({ name: "ctl-silent", stopMs: 60_000 });
    const stopping = begin("ctl", "ctl-silent", "stop");
    await stopping.waitForLine("ctl-silent: stop");
    program.kill("SIGSTOP");
    const [before, middle] = await Promise.all([run("ctl", "ctl-silent"), stopping.exited]);
    expect(before.lines).toEqual([
      `sitebus: "ctl-silent", process ${program.pid}, lives, and has not answered in 5 s`,
    ]);
    expect(before.code).toBe(3);
    expect(middle.lines.at(-1)).toMatch(/did not stop: it does not answer any more$/);
    expect(middle.code).toBe(3);
  });

  test.each<[string[], string]>([
    [[], 'The process is missing: expected its name or pid, see "sitebus ps"'],
    [["x", "scale"], 'scale has no <n>: expected "scale <n>"'],
    [["x", "scale", "many"], 'scale is "many": expected a number of units'],
    [["x", "stop", "now"], 'ctl has an argument "now" too many'],
    [["x", "--nope"], 'Unknown option "--nope"'],
    [["x", "roll", "--pool"], '--pool has no value: expected "--pool <name>"'],
    [["x", "reload", "--details", "{"], `--details is "{": expected JSON, such as '{"level":"debug"}'`],
    [["x", "log", "--level", "all"], '--level is "all": expected one of debug, info, warn, error'],
  ])("64 for ctl %j", async (words, message) => {
    const { code, lines } = await place().run("ctl", ...words);
    expect([code, lines]).toEqual([64, [`sitebus: ${message} (see sitebus ctl --help)`]]);
  });
});

test("a supervised program is found, asked, and ended", { timeout }, async () => {
  const { begin, run } = place();
  const supervisor = begin(
    "supervise",
    "--name",
    "ctl-job",
    "--steady",
    "0ms",
    "--",
    "sh",
    "-c",
    "exec sleep 60",
  );
  await supervisor.waitForLine("Supervising sh");
  const { lines } = await run("ctl", "ctl-job", "status", "--json");
  expect(JSON.parse(lines[0] ?? "")).toMatchObject({ name: "ctl-job", pid: supervisor.pid, state: "run" });
  const refused = await run("ctl", "ctl-job", "graceful");
  expect([refused.code, refused.lines.join("\n")]).toEqual([1, expect.stringContaining("supervised")]);
  expect((await run("ctl", "ctl-job", "exit")).code).toBe(0);
  expect((await supervisor.exited).code).toBe(0);
});
