/**
 * Proves that the tests of the core hold its rules: for each rule it breaks one line of a copy of `src/`, runs the
 * tests there, and demands that they fail.
 *
 *     npm run test:mutations [-- part of a name ...]
 *
 * Exits with 1 if a mutation survived, or if its text is not in the file exactly once.
 * @module
 */
import { spawn } from "node:child_process";
import { cp, mkdtemp, readdir, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { availableParallelism, tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { mutations } from "./mutations/list.ts";
import type { Mutation } from "./mutations/mutation.ts";

interface Verdict {
  readonly name: string;
  readonly killed: boolean;
  readonly by: string;
  readonly ms: number;
}

interface JsonReport {
  readonly testResults: readonly {
    readonly message?: string;
    readonly assertionResults: readonly {
      readonly fullName: string;
      readonly failureMessages?: readonly string[];
    }[];
  }[];
}

/** The timeout of the tests. The tests of the core need much less; a mutation that makes them hang counts as killed. */
const limitMs = 120_000;
const root = fileURLToPath(new URL("..", import.meta.url));
const copied = [
  "mod.ts",
  "src",
  "platforms",
  "components",
  "test/src",
  "test/platforms",
  "package.json",
  "deno.json",
  "vitest.config.ts",
  "scripts/patience.ts",
];

/** Copies the files that the tests of the core need. */
async function copyTree(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "sitebus-mutation-"));
  for (const path of copied) {
    await cp(join(root, path), join(folder, path), { recursive: true }).catch(
      (error: NodeJS.ErrnoException) => {
        if (error.code !== "ENOENT") throw error;
      },
    );
  }
  await symlink(join(root, "node_modules"), join(folder, "node_modules"));
  return folder;
}

/** Applies a mutation to the core in `folder`. @throws {Error} If its text is not there exactly once. */
async function mutate(folder: string, { name, find, replace }: Mutation): Promise<void> {
  const files = (await readdir(join(folder, "src"))).map((file) => join(folder, "src", file));
  const texts = await Promise.all(files.map((file) => readFile(file, "utf8")));
  const times = texts.reduce((sum, text) => sum + text.split(find).length - 1, 0);
  if (times !== 1) {
    throw new Error(`Cannot apply "${name}": its text is ${times} times in src/, expected once`);
  }
  const at = texts.findIndex((text) => text.includes(find));
  await writeFile(files[at]!, texts[at]!.split(find).join(replace));
}

/** Files that take longer than all others together: they run only for a mutation that the others leave alive. */
const SLOW = ["property/bus", "growth", "odd_values", "end_bound"];

/** Runs the tests of the core in `folder`; resolves to what failed first, or undefined where all passed. */
async function runTests(folder: string): Promise<string | undefined> {
  return await runFiles(folder, [
    "test/src",
    ...SLOW.flatMap((file) => ["--exclude", `**/${file}.test.ts`]),
  ]) ??
    await runFiles(folder, SLOW.map((file) => `test/src/${file}.test.ts`));
}

function runFiles(folder: string, files: readonly string[]): Promise<string | undefined> {
  const report = join(folder, "report.json");
  const args = [
    "run",
    ...files,
    "--root",
    folder,
    "--bail",
    "1",
    // One worker for all files: starting one for each takes longer than the tests.
    "--no-isolate",
    "--reporter",
    "json",
    "--outputFile",
    report,
  ];
  const child = spawn(process.execPath, [join(root, "node_modules/vitest/vitest.mjs"), ...args], {
    cwd: folder,
    env: { FC_SEED: "1", FC_RUNS: "1000", ...process.env },
    stdio: "ignore",
    detached: true,
  });
  return new Promise((resolve, reject) => {
    let timedOut = false;
    const timer = setTimeout(() => {
      timedOut = true;
      // Kills the whole process group: a worker in an endless loop does not react to its parent.
      if (child.pid !== undefined) process.kill(-child.pid, "SIGKILL");
    }, limitMs);
    child.on("error", reject);
    child.on("close", (code) => {
      clearTimeout(timer);
      if (timedOut) resolve(`the tests hung for ${limitMs / 1000} s`);
      else if (code === 0) resolve(undefined);
      else firstFailure(report).then(resolve, reject);
    });
  });
}

async function firstFailure(path: string): Promise<string> {
  const report = JSON.parse(await readFile(path, "utf8").catch(() => `{"testResults":[]}`)) as JsonReport;
  for (const { assertionResults } of report.testResults) {
    const failed = assertionResults.find(({ failureMessages = [] }) => failureMessages.length > 0);
    if (failed) return failed.fullName;
  }
  const broken = report.testResults.find(({ message }) => message)?.message?.split("\n")[0];
  if (broken !== undefined) throw new Error(`Cannot run the tests: ${broken}`);
  return "an error outside of the tests";
}

async function judge(mutation: Mutation): Promise<Verdict> {
  const began = performance.now();
  const folder = await copyTree();
  try {
    await mutate(folder, mutation);
    const by = await runTests(folder);
    return {
      name: mutation.name,
      killed: by !== undefined,
      by: by ?? "nothing",
      ms: performance.now() - began,
    };
  } catch (error) {
    return {
      name: mutation.name,
      killed: false,
      by: (error as Error).message,
      ms: performance.now() - began,
    };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function checkUnmutated(): Promise<void> {
  const folder = await copyTree();
  const failed = await runTests(folder);
  await rm(folder, { recursive: true, force: true });
  if (failed !== undefined) {
    throw new Error(`Cannot judge mutations: without any, the tests fail at "${failed}"`);
  }
}

function print({ name, killed, by, ms }: Verdict): void {
  console.log(
    `${killed ? "killed  " : "SURVIVED"} ${(ms / 1000).toFixed(1).padStart(6)} s  ${name}\n${
      " ".repeat(20)
    }by ${by}`,
  );
}

const wanted = process.argv.slice(2);
const chosen = mutations.filter(({ name }) =>
  wanted.length === 0 || wanted.some((part) => name.includes(part))
);
if (chosen.length === 0) throw new Error(`Cannot find a mutation named like "${wanted.join('", "')}"`);
await checkUnmutated();
const queue = [...chosen];
const verdicts: Verdict[] = [];
await Promise.all(Array.from({ length: Math.min(2, availableParallelism()) }, async () => {
  for (let mutation = queue.shift(); mutation; mutation = queue.shift()) {
    const verdict = await judge(mutation);
    verdicts.push(verdict);
    print(verdict);
  }
}));
const survived = verdicts.filter(({ killed }) => !killed);
console.log(`${verdicts.length - survived.length} of ${verdicts.length} mutations were killed`);
for (const { name } of survived) console.log(`survived: ${name}`);
process.exitCode = survived.length > 0 ? 1 : 0;
