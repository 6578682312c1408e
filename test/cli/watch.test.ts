import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, onTestFinished, test, vi } from "vitest";
import { lives, until } from "./_daemon.ts";
import { folderOf, sitebus } from "./_serve.ts";
import { runtime, type StartOptions } from "../spawn.ts";
import { patient } from "../../scripts/patience.ts";

// Several runtimes start in each test, one after another.
vi.setConfig({ testTimeout: patient(60_000) });

/** An application that is served with `--watch`. */
interface Watched {
  readonly url: string;
  readonly folder: string;
  readonly program: ReturnType<typeof sitebus>;
  /** Writes a file of it. */
  write(name: string, text: string): void;
  /** What it answers now. */
  ask(): Promise<string>;
  /** Waits until it answers that. */
  untilAnswer(text: string): Promise<void>;
  /** Waits until a line was printed so often. */
  untilLine(text: string, count?: number): Promise<void>;
}

const APP = 'import { text } from "./text.mjs"; export default () => new Response(text + " " + process.pid);';

/** Writes files, serves app.mjs of them and waits until it serves. */
async function watched(
  files: Readonly<Record<string, string>> = {},
  options: Omit<StartOptions, "args"> = {},
): Promise<Watched> {
  const folder = folderOf({ "app.mjs": APP, "text.mjs": textModule("one"), ...files });
  const program = sitebus(["serve", "app.mjs", "--watch", "--port", "0"], {
    cwd: folder,
    timeoutMs: 90_000,
    ...options,
  });
  const line = await program.waitForLine(" at http://");
  const url = / at (http:[^ ,]+)/.exec(line)?.[1] ?? "";
  const ask = async () => await (await fetch(url, { headers: { connection: "close" } })).text();
  const untilLine = (text: string, count = 1) =>
    until(() => program.lines.filter((line) => line.includes(text)).length >= count, text, 20_000);
  return {
    url,
    folder,
    program,
    ask,
    untilLine,
    write: (name, text) => writeFileSync(join(folder, name), text),
    async untilAnswer(text) {
      for (let answer = ""; !answer.startsWith(text);) {
        answer = await ask();
        await new Promise((resolve) => setTimeout(resolve, 5));
      }
    },
  };
}

function textModule(text: string): string {
  return `export const text = ${JSON.stringify(text)};`;
}

function times(lines: readonly string[], text: string): number {
  return lines.filter((line) => line.includes(text)).length;
}

const FAILED = 'The roll of pool "web" failed, the old units stay';

test("A file that the application loaded is edited: the new code serves, and no request is lost.", async () => {
  const app = await watched();
  const answers: Promise<string>[] = [];
  const asking = setInterval(() => answers.push(app.ask()), 5);
  onTestFinished(() => clearInterval(asking));
  app.write("text.mjs", textModule("two"));
  await app.untilLine('Pool "web" is rolled');
  clearInterval(asking);
  const texts = (await Promise.all(answers)).map((answer) => answer.replace(/ .*/, ""));
  expect(new Set(texts)).toEqual(new Set(["one", "two"]));
  expect(await app.ask()).toMatch(/^two /);
});

test("A broken edit leaves the old code serving and says why once; the next edit is served.", async () => {
  const app = await watched();
  const before = await app.ask();
  app.write("text.mjs", "export const text = ;");
  await app.untilLine(FAILED);
  expect(await app.ask()).toBe(before);
  app.write("text.mjs", "export const text = 1; throw new Error('thrown on purpose')");
  await app.untilLine(FAILED, 2);
  expect(await app.ask()).toBe(before);
  expect(times(app.program.lines, 'Cannot load "app.mjs"')).toBe(2);
  expect(times(app.program.lines, "thrown on purpose")).toBe(1);
  app.write("text.mjs", textModule("three"));
  await app.untilAnswer("three");
});

test("A file that was looked for in vain is watched: once it is there, the new code serves.", async () => {
  const app = await watched();
  app.write("app.mjs", `import "./new/part.mjs"; ${APP.replace("text +", '"new " + text +')}`);
  await app.untilLine(FAILED);
  mkdirSync(join(app.folder, "new"));
  app.write("new/part.mjs", "export {};");
  await app.untilAnswer("new one");
});

test("A thousand files that change at once are one change.", async () => {
  const names = Array.from({ length: 1000 }, (_, index) => `part${index}.mjs`);
  const parts = Object.fromEntries(names.map((name) => [name, "export {};"]));
  const imports = names.map((name) => `import "./${name}";`).join("\n");
  const app = await watched({ ...parts, "app.mjs": `${imports}\n${APP}` });
  for (const name of names) app.write(name, "export const changed = true;");
  app.write("text.mjs", textModule("two"));
  await app.untilAnswer("two");
  // While they were written, some may have been seen already.
  expect(times(app.program.lines, "Changed: ")).toBeLessThanOrEqual(3);
});

test("A file that is deleted leaves the old code serving; when it is back, the new code serves.", async () => {
  const app = await watched();
  rmSync(join(app.folder, "text.mjs"));
  await app.untilLine(FAILED);
  expect(await app.ask()).toMatch(/^one /);
  app.write("text.mjs", textModule("back"));
  await app.untilAnswer("back");
});

test("What was not loaded, and what is in node_modules, is not watched; what is saved as it was is no change.", async () => {
  const app = await watched({
    "node_modules/dep/package.json": '{"name":"dep","main":"index.js"}',
    "node_modules/dep/index.js": "module.exports = 1;",
    "app.mjs": `import "dep"; ${APP}`,
  });
  app.write("node_modules/dep/index.js", "module.exports = 2;");
  app.write("other.mjs", "export {};");
  app.write("text.mjs", textModule("one"));
  await new Promise((resolve) => setTimeout(resolve, 500));
  expect(times(app.program.lines, "Changed: ")).toBe(0);
  app.write("text.mjs", textModule("two"));
  await app.untilAnswer("two");
  expect(times(app.program.lines, "Changed: ")).toBe(1);
});

test("The config file is watched.", async () => {
  const app = await watched({ "sitebus.config.json": '{ "keepAlive": "5s" }' });
  app.write("sitebus.config.json", '{ "keepAlive": "6s" }');
  await app.untilLine('Pool "web" is rolled');
});

test("A change during a stop starts nothing, and nothing is left.", async () => {
  const app = await watched({
    "app.mjs": `${APP}
      export const setup = (bus) => bus.use({ name: "slow", stop: () => new Promise((done) => setTimeout(done, 500)) });`,
  });
  const pid = Number((await app.ask()).split(" ")[1]);
  app.program.kill("SIGTERM");
  await app.program.waitForLine("stopping");
  app.write("text.mjs", textModule("two"));
  const { code, lines } = await app.program.exited;
  expect(code).toBe(0);
  expect(times(lines, "Changed: ")).toBe(0);
  expect(lives(pid)).toBe(false);
});

test("A stop in the middle of a roll ends the old process and the new one.", async () => {
  const app = await watched();
  const pid = Number((await app.ask()).split(" ")[1]);
  app.write(
    "text.mjs",
    `console.log("new process", process.pid); await new Promise(() => {}); ${textModule("two")}`,
  );
  const next = Number((await app.program.waitForLine("new process")).replace(/\D+/, ""));
  app.program.kill("SIGINT");
  const { code } = await app.program.exited;
  expect(code).toBe(0);
  expect([lives(pid), lives(next)]).toEqual([false, false]);
});

test("Where the site is killed, the process that serves ends.", async () => {
  const app = await watched();
  const pid = Number((await app.ask()).split(" ")[1]);
  app.program.kill("SIGKILL");
  await until(() => !lives(pid), "the end of the process that serves", 20_000);
});

test("Where no socket can be held, the old process stops before the new one starts, and that is said.", async (context) => {
  if (runtime !== "deno") context.skip("it can hold a socket without being allowed to");
  const allowed = ["read", "write", "net", "env", "run", "sys", "import"];
  const app = await watched({}, { denoPermissions: allowed.map((name) => `--allow-${name}`) });
  expect(times(app.program.lines, "No socket can be held here")).toBe(1);
  const pid = Number((await app.ask()).split(" ")[1]);
  app.write("text.mjs", textModule("two"));
  await app.untilLine('Unit "web/1" is ready', 2);
  expect(lives(pid)).toBe(false);
  expect(await app.ask()).toMatch(/^two /);
  app.write("text.mjs", "export const text = ;");
  await app.untilLine('The roll of pool "web" failed: ');
  await expect(app.ask()).rejects.toThrow();
  app.write("text.mjs", textModule("three"));
  await app.untilLine('Unit "web/1" is ready', 3);
  expect(await app.ask()).toMatch(/^three /);
});
