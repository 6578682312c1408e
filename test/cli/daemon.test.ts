import { mkdirSync, renameSync, rmSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { expect, test, vi } from "vitest";
import { countOf, daemonOf, lives, statOf, textOf, until } from "./_daemon.ts";
import { folderOf, sitebus } from "./_serve.ts";
import { patient } from "../../scripts/patience.ts";

// Several runtimes start in each test, one after another.
vi.setConfig({ testTimeout: patient(60_000) });

const LONG_MS = 60_000;

/** Starts a daemon of `sitebus serve`. */
function serve(folder: string, ...args: string[]) {
  return sitebus(["serve", "app.mjs", "--daemon", "--port", "0", ...args], {
    cwd: folder,
    timeoutMs: LONG_MS,
  });
}

/** Starts a daemon that supervises a script of the shell. */
function supervise(folder: string, script: string, ...args: string[]) {
  const words = [
    "supervise",
    "--daemon",
    "--name",
    "job",
    "--steady",
    "50ms",
    ...args,
    "--",
    "sh",
    "-c",
    script,
  ];
  return sitebus(words, { cwd: folder, timeoutMs: LONG_MS });
}

const APP = 'export default () => { console.log("asked"); return new Response("hello"); };';

/** The address in a log. */
function urlIn(text: string): string {
  return / at (http:[^ ,]+)/.exec(text)?.[1] ?? "";
}

test("serve --daemon returns with 0 when the application serves, and leaves a process of its own session.", async () => {
  const folder = folderOf({ "app.mjs": APP });
  const log = join(folder, "app.log");
  const pid = await daemonOf(serve(folder, "--log-file", log));
  expect(statOf(pid)[3]).toBe(String(pid));
  const url = urlIn(textOf(log));
  expect(await (await fetch(url)).text()).toBe("hello");
  await until(() => textOf(log).includes("asked"));
  process.kill(pid, "SIGTERM");
  await until(() => !lives(pid));
  expect(textOf(log)).toContain("exit code 0");
  await expect(fetch(url)).rejects.toThrow();
});

test("An application that fails at its start is told with its last lines and its exit code.", async () => {
  const folder = folderOf({ "app.mjs": 'console.log("before"); throw new Error("no database");' });
  const { code, lines } = await serve(folder).exited;
  expect(code).toBe(70);
  const text = lines.join("\n");
  expect(text).toContain("before");
  expect(text).toContain('Cannot load "app.mjs": no database');
  expect(lines.at(-1)).toBe(
    "sitebus: Cannot start app.mjs as a daemon: it ended with 70 before it was ready",
  );
});

test("An application that never becomes ready is told, and no process is left.", async () => {
  const folder = folderOf({
    "app.mjs": 'import fs from "node:fs"; fs.writeFileSync("pid", String(process.pid));' +
      "setInterval(() => {}, 1000); await new Promise(() => {}); export default () => {};",
  });
  const { code, lines } = await serve(folder, "--start-within", "1s").exited;
  expect(code).toBe(70);
  expect(lines.join("\n")).toMatch(/has not settled in 1\.0 s|was not ready within/);
  await until(() => !lives(Number(textOf(join(folder, "pid")))));
});

test("An application that exits at once is told with its exit code.", async () => {
  const folder = folderOf({ "app.mjs": 'console.log("bye"); process.exit(7);' });
  const { code, lines } = await serve(folder).exited;
  expect(code).toBe(7);
  expect(lines.join("\n")).toContain("bye");
});

test("A program that ends with 0 at once is no daemon, and the command ends with 70.", async () => {
  const { code, lines } = await supervise(folderOf({}), "echo done").exited;
  expect(code).toBe(70);
  expect(lines).toContain("done");
  expect(lines.at(-1)).toBe("sitebus: Cannot start job as a daemon: it ended with 0 before it was ready");
});

test("At most the last 20 lines are shown.", async () => {
  const script = "i=0; while [ $i -lt 500 ]; do i=$((i + 1)); echo line $i; done; exit 3";
  const { code, lines } = await supervise(folderOf({}), script, "--steady", "30s").exited;
  expect(code).toBe(3);
  expect(lines).toContain("line 500");
  expect(lines).toHaveLength(21);
});

test("A log file that cannot be opened is refused before anything starts.", async () => {
  const folder = folderOf({});
  const { code, lines } = await supervise(folder, "echo x > started; sleep 100", "--log-file", "none/x.log")
    .exited;
  expect(code).toBe(78);
  expect(lines.join("\n")).toContain('Cannot open the log file "none/x.log": ENOENT');
  expect(textOf(join(folder, "started"))).toBe("");
});

const TICKS = 'trap "exit 0" TERM; while :; do echo tick; sleep 0.05; done';

test("SIGUSR1 opens the log file again after a rotation; where it cannot be, the old one is written to.", async () => {
  const folder = folderOf({});
  mkdirSync(join(folder, "logs"));
  const [log, old] = [join(folder, "logs/job.log"), join(folder, "old.log")];
  const pid = await daemonOf(supervise(folder, TICKS, "--log-file", log));
  renameSync(log, old);
  rmSync(join(folder, "logs"), { recursive: true });
  process.kill(pid, "SIGUSR1");
  await until(() => textOf(old).includes("again, the old one is written to"));
  const ticks = countOf(textOf(old), "tick");
  await until(() => countOf(textOf(old), "tick") > ticks + 1);
  mkdirSync(join(folder, "logs"));
  process.kill(pid, "SIGUSR1");
  await until(() => countOf(textOf(log), "tick") > 1);
  const last = textOf(old);
  await until(() => countOf(textOf(log), "tick") > 3);
  expect(textOf(old)).toBe(last);
});

test("A full disk ends nothing, and the log says how much is missing when there is space again.", async (context) => {
  if (textOf("/proc/version") === "") context.skip("there is no /dev/full");
  const folder = folderOf({});
  const [log, real] = [join(folder, "job.log"), join(folder, "real.log")];
  symlinkSync("/dev/full", log);
  const pid = await daemonOf(supervise(folder, TICKS, "--log-file", log));
  rmSync(log);
  symlinkSync(real, log);
  process.kill(pid, "SIGUSR1");
  await until(() => textOf(real).includes("tick"));
  expect(textOf(real)).toMatch(/^sitebus: warning: \d+ bytes of this log are lost: (ENOSPC|No space left)/);
});

test("A pid file has the number of the daemon, keeps a second one away, and is gone at the end.", async () => {
  const folder = folderOf({ "app.mjs": APP });
  const file = join(folder, "app.pid");
  for (
    const begin of [
      () => serve(folder, "--pid-file", file),
      () => supervise(folder, TICKS, "--pid-file", file),
    ]
  ) {
    const pid = await daemonOf(begin());
    expect(textOf(file).trim()).toBe(String(pid));
    const { code, lines } = await begin().exited;
    expect(code).toBe(70);
    expect(lines.join("\n")).toContain(String(pid));
    process.kill(pid, "SIGTERM");
    await until(() => !lives(pid));
    expect(textOf(file)).toBe("");
  }
});

test("Ctrl-C while it starts ends the daemon, too.", async () => {
  const folder = folderOf({});
  const program = supervise(
    folder,
    'echo $$ > pid; trap "exit 4" TERM; while :; do sleep 0.02; done',
    "--steady",
    "60s",
  );
  await until(() => textOf(join(folder, "pid")).endsWith("\n"));
  program.kill("SIGINT");
  await program.exited;
  await until(() => !lives(Number(textOf(join(folder, "pid")))));
});

test("A process of a daemon that is killed is replaced, on the same port.", async () => {
  const folder = folderOf({ "app.mjs": "export default () => new Response(String(process.pid));" });
  const log = join(folder, "app.log");
  await daemonOf(serve(folder, "--log-file", log));
  const url = urlIn(textOf(log));
  const first = await (await fetch(url)).text();
  process.kill(Number(first), "SIGKILL");
  const second = await (await fetch(url)).text();
  expect(second).not.toBe(first);
});
