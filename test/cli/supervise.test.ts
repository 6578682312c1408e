import { join } from "node:path";
import { expect, test, vi } from "vitest";
import type { StartOptions } from "../spawn.ts";
import { lives, statOf, textOf, until } from "./_daemon.ts";
import { folderOf, sitebus } from "./_serve.ts";
import { patient } from "../../scripts/patience.ts";

// Several runtimes start in each test, one after another.
vi.setConfig({ testTimeout: patient(60_000) });

const LONG = { timeoutMs: 30_000 };

/** Supervises a script of the shell. */
function supervise(script: string, args: readonly string[] = [], options: StartOptions = {}) {
  return sitebus(["supervise", "--name", "job", ...args, "--", "sh", "-c", script], { ...LONG, ...options });
}

/** A script that runs until it is asked to end, and says so. */
const RUNS = (onTerm: string) => `trap '${onTerm}' TERM; echo running $$; while :; do sleep 0.02; done`;

test("A program that fails at its start ends the command with its exit code.", async () => {
  const { code, lines } = await supervise("echo no database; exit 3").exited;
  expect(code).toBe(3);
  expect(lines).toContain("no database");
  expect(lines.join("\n")).toContain('The unit "job/1" exited with 3 before it was ready');
});

test("A program that is not there is 127, as a shell has it.", async () => {
  const { code, lines } = await sitebus(["supervise", "--", "no-such-program"], LONG).exited;
  expect(code).toBe(127);
  expect(lines.join("\n")).toMatch(/ENOENT|not found/);
});

test("A program that ends with 0 has done its work, and the command ends with 0.", async () => {
  const { code, lines } = await supervise("echo done").exited;
  expect(code).toBe(0);
  expect(lines).toContain("done");
  expect(lines.join("\n")).toContain('Program "job" has ended with 0, its work is done');
});

test("A program that fails later is started again, and its exit code is said.", async () => {
  const folder = folderOf({});
  const script = 'echo x >> runs; sleep 0.5; [ "$(wc -l < runs)" -ge 3 ] && exit 0; exit 4';
  const { code, lines } = await supervise(script, ["--steady", "0ms"], { cwd: folder }).exited;
  expect(code).toBe(0);
  expect(textOf(join(folder, "runs"))).toBe("x\nx\nx\n");
  expect(lines.filter((line) => line.includes("it exited with 4"))).toHaveLength(2);
});

test("SIGTERM is passed on, and the exit code of the program is that of the command.", async () => {
  const program = supervise(RUNS("echo asked; exit 5"), ["--steady", "20ms"]);
  await program.waitForLine("Supervising");
  program.kill("SIGTERM");
  const { code, lines } = await program.exited;
  expect(code).toBe(5);
  expect(lines).toContain("asked");
});

test("A program that SIGTERM ends counts as ended with 0.", async () => {
  const program = supervise("exec sleep 1000", ["--steady", "20ms"]);
  await program.waitForLine("Supervising");
  program.kill("SIGTERM");
  expect((await program.exited).code).toBe(0);
});

test("A program that does not end in time is ended by SIGKILL, with all that it has started.", async () => {
  const program = supervise(`sleep 1000 & echo child $!; ${RUNS("echo not yet")}`, [
    ...["--steady", "20ms", "--stop-within", "300ms"],
  ]);
  const child = Number((await program.waitForLine("child ")).slice(6));
  // By then it has its trap.
  await program.waitForLine("running ");
  await program.waitForLine("Supervising");
  program.kill("SIGTERM");
  const { code, lines } = await program.exited;
  expect(code).toBe(137);
  expect(lines).toContain("not yet");
  expect(lines.join("\n")).toContain('Program "job" is ended by force: it did not exit within 300 ms');
  await until(() => !lives(child));
});

test("What a program has left behind ends with it.", async () => {
  const { code, lines } = await supervise("sleep 1000 & echo child $!; exit 6").exited;
  expect(code).toBe(6);
  await until(() => !lives(Number(lines.find((line) => line.startsWith("child "))?.slice(6))));
});

test("SIGHUP is passed on, and ends nothing.", async () => {
  const program = supervise(`trap 'echo reloaded' HUP; ${RUNS("exit 0")}`, ["--steady", "20ms"]);
  await program.waitForLine("Supervising");
  program.kill("SIGHUP");
  await program.waitForLine("reloaded");
  program.kill("SIGTERM");
  expect((await program.exited).code).toBe(0);
});

test("A program has a process group of its own, so that Ctrl-C reaches the command alone.", async () => {
  const program = supervise(RUNS("exit 0"), ["--steady", "20ms"]);
  const pid = Number((await program.waitForLine("running ")).slice(8));
  await program.waitForLine("Supervising");
  expect(statOf(pid)[2]).toBe(String(pid));
  program.kill("SIGINT");
  expect((await program.exited).code).toBe(0);
});

test("With --give-up, a program that fails too often ends the command with its exit code.", async () => {
  const { code, lines } = await supervise("sleep 0.5; exit 9", ["--steady", "0ms", "--give-up"]).exited;
  expect(code).toBe(9);
  expect(lines.join("\n")).toContain("is degraded");
});

test("What a program prints goes to the log file, beside the log of the command.", async () => {
  const folder = folderOf({});
  const { code, lines } = await supervise("echo out; echo err >&2; exit 3", ["--log-file", "job.log"], {
    cwd: folder,
  }).exited;
  expect(code).toBe(3);
  expect(lines).toEqual([]);
  const text = textOf(join(folder, "job.log"));
  for (const part of ["out\n", "err\n", "exited with 3", "exit code 3"]) expect(text).toContain(part);
});

test("What is typed wrongly is refused.", async () => {
  for (
    const [words, message] of [
      [["supervise"], "The command is missing"],
      [["supervise", "--steady", "soon", "--", "x"], '--steady is "soon": expected a time'],
      [["supervise", "--prot", "--", "x"], 'Unknown option "--prot"'],
      [["supervise", "--name", "a/b", "--", "x"], '--name is "a/b": expected a name without slash'],
    ] as const
  ) {
    const { code, lines } = await sitebus(words, LONG).exited;
    expect(code, words.join(" ")).toBe(64);
    expect(lines.join("\n")).toContain(message);
  }
});
