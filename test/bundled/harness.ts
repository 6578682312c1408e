/**
 * Runs test files of vitest where vitest does not start, as in workerd and on Windows under Wine: vitest's own
 * collector, runner and `expect`, bundled with the tests, without vitest's server. It reaches into vitest a little,
 * and so its version is pinned.
 * @module
 */
import { startTests } from "vitest/internal/browser";
import type { RunnerTask, RunnerTestFile } from "vitest";
import { expect } from "vitest";
import { patient } from "../../scripts/patience.ts";
import type { Report } from "../../scripts/testing/report.ts";

/** The test files of the bundle, by path. */
export type TestFiles = Readonly<Record<string, () => Promise<unknown>>>;

interface UnhandledEvent {
  readonly reason: unknown;
}

interface Host {
  /** What `expect` and `vi` look for: the state of a vitest worker. */
  __vitest_worker__: unknown;
  readonly process?: { on?(name: "unhandledRejection", listener: (reason: unknown) => void): void };
  addEventListener(type: "unhandledrejection", listener: (event: UnhandledEvent) => void): void;
}

const host = globalThis as unknown as Host;
const unhandled: unknown[] = [];
let pool = "";

const config = {
  root: "/",
  sequence: { hooks: "stack", setupFiles: "list", concurrent: false, shuffle: false },
  testTimeout: patient(15_000),
  hookTimeout: patient(15_000),
  maxConcurrency: 5,
  retry: 0,
  repeats: 0,
  setupFiles: [],
  tags: [],
  strictTags: true,
  passWithNoTests: false,
  allowOnly: false,
  expect: {},
  snapshotOptions: { expand: false },
};

/** To be called once, before the first file, with the name of what runs it. */
export function prepare(name: string): void {
  pool = name;
  host.__vitest_worker__ = { config, ctx: { pool }, environment: { name } };
  if (host.process?.on) host.process.on("unhandledRejection", (reason) => unhandled.push(reason));
  else host.addEventListener("unhandledrejection", ({ reason }) => unhandled.push(reason));
}

/** A report that names also what passed. */
export interface NamedReport extends Report {
  readonly passes: readonly string[];
}

/** Runs one file and says how it went. */
export async function runFile(files: TestFiles, path: string): Promise<NamedReport> {
  unhandled.length = 0;
  const [file] = await startTests([path], {
    config: config as never,
    pool,
    importFile: (name: string) => files[name]?.(),
    onBeforeTryTask: forgetAssertions,
    onAfterTryTask: checkAssertions,
  });
  // Rejections are told after the microtasks in which they happened.
  await new Promise<void>((resolve) => setTimeout(resolve, 10));
  const report = reportOf(file, path);
  const failures = unhandled.map((reason) => ({
    name: `${path}: unhandled rejection`,
    message: messageOf(reason),
  }));
  return { ...report, failures: [...report.failures, ...failures] };
}

function forgetAssertions(): void {
  expect.setState({
    assertionCalls: 0,
    isExpectingAssertions: false,
    isExpectingAssertionsError: null,
    expectedAssertionsNumber: null,
    expectedAssertionsNumberErrorGen: null,
  });
}

/** What `expect.assertions(n)` and `expect.hasAssertions()` asked for. */
function checkAssertions(): void {
  const state = expect.getState();
  const expected = state.expectedAssertionsNumber;
  if (typeof expected === "number" && state.assertionCalls !== expected) {
    throw state.expectedAssertionsNumberErrorGen?.();
  }
  if (state.isExpectingAssertions && state.assertionCalls === 0) throw state.isExpectingAssertionsError;
}

function reportOf(file: RunnerTestFile | undefined, path: string): NamedReport {
  const tasks = file === undefined ? [] : tasksOf(file);
  const tests = tasks.filter(({ type }) => type === "test");
  const passes = tests.filter(({ result }) => result?.state === "pass").map((task) => nameOf(task, path));
  const failures = tasks.filter(({ result }) => result?.state === "fail").flatMap((task) =>
    // A suite that failed only because of what is in it has no error of its own.
    (task.result?.errors ?? (task.type === "test" ? [{ message: "failed without an error" }] : [])).map((
      error,
    ) => ({
      name: nameOf(task, path),
      message: error.stack ?? error.message,
    }))
  );
  const skips = tests.filter(({ result, mode }) =>
    result?.state === "skip" || mode === "skip" || mode === "todo"
  )
    .map((task) => ({ name: nameOf(task, path), why: noteOf(task) }));
  return { passed: passes.length, passes, failures, skips };
}

function tasksOf(task: RunnerTask): RunnerTask[] {
  return [task, ...("tasks" in task ? task.tasks.flatMap(tasksOf) : [])];
}

function nameOf(task: RunnerTask, path: string): string {
  if ("filepath" in task) return path;
  return `${task.suite === undefined ? path : nameOf(task.suite, path)} > ${task.name}`;
}

/** What `context.skip(note)` was given; vitest keeps it, and does not say so in its types. */
function noteOf(task: RunnerTask): string {
  return (task.result as { readonly note?: string } | undefined)?.note ?? "";
}

function messageOf(reason: unknown): string {
  return reason instanceof Error ? reason.stack ?? reason.message : String(reason);
}
