import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test, vi } from "vitest";
import { inline, ProcessBus } from "../../../mod.ts";
import { watch, type WatchBus, type WatchChannels } from "../../../components/watch.ts";
import { lives, until } from "../../cli/_daemon.ts";
import { folderOf } from "../../cli/_serve.ts";
import { start } from "../../spawn.ts";
import { patient } from "../../../scripts/patience.ts";

// Several runtimes start in each test, one after another.
vi.setConfig({ testTimeout: patient(60_000) });

/** Starts a program that watches a module, and waits until it runs. */
async function watching(how: string) {
  const folder = folderOf({ "part.mjs": "export const text = 'one';" });
  const path = join(folder, "part.mjs");
  const program = start("watching", { args: [how, path], timeoutMs: 60_000 });
  const untilRuns = async (text: string) => {
    const line = await program.waitForLine(`runs ${text} `);
    const [, pid, parent] = / (\d+) of (\d+)$/.exec(line) ?? [];
    return { pid: Number(pid), parent: Number(parent) };
  };
  const first = await untilRuns("one");
  return {
    program,
    path,
    first,
    async edit(text: string) {
      writeFileSync(path, `export const text = '${text}';`);
      return await untilRuns(text);
    },
    async end(pid = program.pid) {
      program.kill("SIGTERM", pid);
      return await program.exited;
    },
  };
}

test("Without a pool, the default listener restarts the bus.", async () => {
  const { edit, end } = await watching("default");
  const { pid } = await edit("two");
  expect((await end(pid)).code).toBe(0);
});

test("A listener in its place restarts the bus: the successor is in the place of the process.", async () => {
  const { edit, end, path, program } = await watching("restart");
  await edit("two");
  expect(program.lines).toContain(`own listener ${path}`);
  const { pid } = await edit("three");
  expect((await end(pid)).code).toBe(0);
});

test("A listener in its place starts a child, and ends with its exit code.", async () => {
  const { edit, first, path, program } = await watching("child");
  const { pid, parent } = await edit("two");
  expect(program.lines).toContain(`own listener ${path}`);
  expect(parent).toBe(first.pid);
  program.kill("SIGTERM", pid);
  expect((await program.exited).code).toBe(0);
});

test("With a pool, the default listener rolls it; a broken edit leaves the old unit there.", async () => {
  const { edit, end, first, path, program } = await watching("default-roll");
  const second = await edit("two");
  expect(second.parent).toBe(first.parent);
  await until(() => !lives(first.pid));
  writeFileSync(path, "throw new Error('broken');");
  await program.waitForLine("the old units stay");
  expect(lives(second.pid)).toBe(true);
  const { pid } = await edit("three");
  expect((await end()).code).toBe(0);
  expect([lives(second.pid), lives(pid)]).toEqual([false, false]);
});

test("A listener in its place rolls the pool.", async () => {
  const { edit, end, path } = await watching("roll");
  await edit("two");
  const { code, lines } = await end();
  expect(code).toBe(0);
  expect(lines).toContain(`own listener ${path}`);
});

test("Options that are none are refused.", () => {
  const bus = new ProcessBus<WatchChannels>({ platform: inline() }) as unknown as WatchBus;
  expect(() => watch(bus, { poll: 1 } as never)).toThrow('Cannot watch: unknown option "poll"');
  expect(() => watch(bus, { settleMs: -1 })).toThrow("settleMs");
  expect(() => watch(bus, { name: "" })).toThrow("name");
});
