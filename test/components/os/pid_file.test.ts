import { spawn } from "node:child_process";
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { describe, expect, onTestFinished, test } from "vitest";
import { inline, type LogRecord, ProcessBus } from "../../../mod.ts";
import { pidFile } from "../../../components/os.ts";
import { folder, isLinux, isRoot, LONG_MS, NOBODY, startService } from "./_service.ts";

/** An hour ago, in seconds. */
const LONG_AGO = Date.now() / 1000 - 3600;

/** A bus with a pid file, and what it says. */
function busWith(path: string) {
  const bus = new ProcessBus({ platform: inline(), onStartFailure: "idle" });
  const records: LogRecord[] = [];
  bus.subscribe("log", (record) => void records.push(record));
  const handle = bus.use(pidFile(path));
  return {
    bus,
    said: () => records.filter(({ event }) => event === "pid file").map(({ message }) => message),
    /** Lets go of the file in a process that goes on. */
    async end() {
      await handle.remove();
      await bus.exit();
    },
  };
}

/** The number of a process that has ended. */
async function deadPid(): Promise<number> {
  const child = spawn("/bin/true", { stdio: "ignore" });
  await new Promise((resolve) => child.on("exit", resolve));
  return child.pid!;
}

/** A process that lives. */
function livingPid(): number {
  const child = spawn("/bin/sleep", ["60"], { stdio: "ignore" });
  onTestFinished(() => void process.kill(child.pid!, "SIGKILL"));
  return child.pid!;
}

describe("pidFile", () => {
  test("writes the number of the process, alone on its line, and keeps it until the process ends, or it is removed", async () => {
    const path = join(folder(), "a.pid");
    const { bus, end, said } = busWith(path);
    await bus.start();
    expect(readFileSync(path, "utf8")).toBe(`${process.pid}\n`);
    expect(statSync(path).mode & 0o777).toBe(0o644);
    await bus.stop();
    expect(readFileSync(path, "utf8")).toBe(`${process.pid}\n`);
    await bus.start();
    await end();
    expect([existsSync(path), said()]).toEqual([false, []]);
  });

  test("takes over the file of a process that has ended", async () => {
    const path = join(folder(), "a.pid");
    writeFileSync(path, `${await deadPid()}\n`);
    const { bus, end, said } = busWith(path);
    await bus.start();
    expect(readFileSync(path, "utf8")).toBe(`${process.pid}\n`);
    await end();
    expect(said()).toEqual([]);
  });

  test("takes over the file of a process whose number another one has by now", async (context) => {
    if (!isLinux) context.skip("only Linux tells when a process began");
    const path = join(folder(), "a.pid");
    writeFileSync(path, `${livingPid()}\n`);
    utimesSync(path, LONG_AGO, LONG_AGO);
    const { bus, end } = busWith(path);
    await bus.start();
    expect(readFileSync(path, "utf8")).toBe(`${process.pid}\n`);
    await end();
  });

  test("takes over its own number, which a container gives to each of its lives", async () => {
    const path = join(folder(), "a.pid");
    writeFileSync(path, `${process.pid}\n`);
    const { bus, end } = busWith(path);
    await bus.start();
    await end();
    expect(existsSync(path)).toBe(false);
  });

  test("fails where the file belongs to another program that lives, naming it", async () => {
    const path = join(folder(), "a.pid");
    const pid = livingPid();
    writeFileSync(path, `${pid}\n`);
    const { bus } = busWith(path);
    await expect(bus.start()).rejects.toThrow(
      new RegExp(`Cannot write the pid file ".*a.pid": process ${pid} has it.* is running`),
    );
    expect(readFileSync(path, "utf8")).toBe(`${pid}\n`);
    await bus.exit();
    expect(readFileSync(path, "utf8")).toBe(`${pid}\n`);
  });

  test.each([["nothing", ""], ["half of a number's line", "12x"], ["no number", "hello\n"], [
    "too large a number",
    "99999999999\n",
  ]])("takes over a file that holds %s", async (_, text) => {
    const path = join(folder(), "a.pid");
    writeFileSync(path, text);
    const { bus, end, said } = busWith(path);
    await bus.start();
    expect(readFileSync(path, "utf8")).toBe(`${process.pid}\n`);
    await end();
    expect(said()).toEqual(
      text === "" ? [] : [`The pid file "${path}" held no number of a process, and is written anew`],
    );
  });

  test("fails where there is no such folder, and where it is a file", async () => {
    const here = folder();
    await expect(busWith(join(here, "no/a.pid")).bus.start()).rejects.toThrow(
      `there is no folder "${here}/no"`,
    );
    writeFileSync(join(here, "file"), "");
    await expect(busWith(join(here, "file/a.pid")).bus.start()).rejects.toThrow("Cannot write the pid file");
  });

  test("follows no symbolic link, and replaces no folder", async () => {
    const here = folder();
    writeFileSync(join(here, "precious"), "kept");
    symlinkSync("precious", join(here, "a.pid"));
    await expect(busWith(join(here, "a.pid")).bus.start()).rejects.toThrow("it is a symbolic link");
    expect(readFileSync(join(here, "precious"), "utf8")).toBe("kept");
    symlinkSync("nowhere", join(here, "b.pid"));
    await expect(busWith(join(here, "b.pid")).bus.start()).rejects.toThrow("it is a symbolic link");
    mkdirSync(join(here, "c.pid"));
    await expect(busWith(join(here, "c.pid")).bus.start()).rejects.toThrow("it is no file");
  });

  test("leaves a file alone that somebody else has written meanwhile, and says so", async () => {
    const here = folder();
    const path = join(here, "a.pid");
    const first = busWith(path);
    await first.bus.start();
    // By another file in its place, as editors and other programs do.
    writeFileSync(join(here, "new"), "1\n");
    renameSync(join(here, "new"), path);
    await first.end();
    expect(readFileSync(path, "utf8")).toBe("1\n");
    expect(first.said()).toEqual([`The pid file "${path}" belongs to somebody else by now, and stays`]);
  });

  test("refuses a path that is none", () => {
    for (const path of ["", "a\0b", 1 as never]) expect(() => pidFile(path)).toThrow(TypeError);
    expect(() => pidFile("a", { file: "b" } as never)).toThrow('unknown option "file"');
  });
});

describe("two processes with one pid file", () => {
  test("the second one ends before it does anything, and names the first", async () => {
    const path = join(folder(), "a.pid");
    const first = startService({ pidFile: path });
    await first.waitForLine("runs");
    // The clock was set meanwhile: the file looks older than its process.
    utimesSync(path, LONG_AGO, LONG_AGO);
    const second = await startService({ pidFile: path }).exited;
    expect(second.code).toBe(70);
    expect(second.lines.join("\n")).toMatch(
      new RegExp(`process ${readFileSync(path, "utf8").trim()} has it, ".*`),
    );
    first.kill("SIGTERM");
    expect([(await first.exited).code, existsSync(path)]).toEqual([0, false]);
  }, LONG_MS);

  test("one of eight that start at the same time has it, over a file that was left behind", async () => {
    const path = join(folder(), "a.pid");
    writeFileSync(path, `${await deadPid()}\n`);
    const programs = Array.from({ length: 8 }, () => startService({ pidFile: path }));
    const outcomes = await Promise.all(
      programs.map((program) => program.waitForLine("runs ").then(() => true, () => false)),
    );
    expect(outcomes.filter(Boolean)).toHaveLength(1);
    const winner = programs[outcomes.indexOf(true)]!;
    expect(await winner.waitForLine("runs ")).toBe(`runs ${readFileSync(path, "utf8").trim()}`);
    winner.kill("SIGTERM");
    expect([(await winner.exited).code, existsSync(path)]).toEqual([0, false]);
  }, LONG_MS);

  test("a killed process leaves it behind, and the next one takes it over", async () => {
    const path = join(folder(), "a.pid");
    const first = startService({ pidFile: path });
    await first.waitForLine("runs");
    first.kill("SIGKILL");
    await first.exited;
    expect(existsSync(path)).toBe(true);
    const second = startService({ pidFile: path, then: "exit" });
    expect((await second.exited).code).toBe(0);
    expect(existsSync(path)).toBe(false);
  }, LONG_MS);

  test("a restart keeps it, by the same process or by one that waits for its successor", async () => {
    const here = folder();
    const path = join(here, "a.pid");
    const program = startService({ pidFile: path, then: "restart", writes: join(here, "once") });
    await program.waitForLine("runs again");
    expect(readFileSync(path, "utf8")).toBe(`${program.pid}\n`);
    program.kill("SIGTERM");
    expect([(await program.exited).code, existsSync(path)]).toEqual([0, false]);
  }, LONG_MS);

  test("a folder that may not be written to fails the start", async (context) => {
    if (!isRoot) context.skip("needs root, to become somebody else");
    const here = folder();
    chmodSync(here, 0o755);
    const home = folder();
    const { code, lines } = await startService({ pidFile: join(here, "a.pid") }, {
      launcher: NOBODY,
      env: { HOME: home },
    }).exited;
    expect(code).toBe(70);
    expect(lines.join("\n")).toContain("Cannot write the pid file");
  }, LONG_MS);

  test("a file that cannot be removed any more is emptied, and belongs to nobody", async (context) => {
    if (!isRoot) context.skip("needs root, to give its rights up");
    const here = folder();
    chmodSync(here, 0o755);
    const path = join(here, "a.pid");
    const plan = {
      pidFile: path,
      privileges: { user: "nobody", dependsOn: ["pidFile"] },
      then: "exit",
    } as const;
    for (let life = 0; life < 2; life++) {
      const { code, lines } = await startService(plan).exited;
      expect([code, readFileSync(path, "utf8"), lines.filter((line) => line.startsWith("warn"))]).toEqual([
        0,
        "",
        [],
      ]);
    }
  }, LONG_MS);
});
