/**
 * Runs test files of vitest inside workerd: vitest's own collector, runner and `expect`, bundled with the
 * tests, without vitest's server. It reaches into vitest a little, and so its version is pinned.
 * @module
 */
import { startTests } from "vitest/internal/browser";
import type { RunnerTask, RunnerTestFile } from "vitest";
import { expect } from "vitest";
import type { Report } from "../../scripts/testing/_report.ts";

/** The test files of the bundle, by path. */
export type TestFiles = Readonly<Record<string, () => Promise<unknown>>>;

interface UnhandledEvent {
  readonly reason: unknown;
}

interface Worker {
  /** What `expect` and `vi` look for: the state of a vitest worker. */
  __vitest_worker__: unknown;
  addEventListener(type: "unhandledrejection", listener: (event: UnhandledEvent) => void): void;
}

const worker = globalThis as unknown as Worker;
const unhandled: unknown[] = [];

const config = {
  root: "/",
  sequence: { hooks: "stack", setupFiles: "list", concurrent: false, shuffle: false },
  testTimeout: 15_000,
  hookTimeout: 15_000,
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

/** To be called once, before the first file. */
export function prepare(): void {
  worker.__vitest_worker__ = { config, ctx: { pool: "workerd" }, environment: { name: "workerd" } };
  worker.addEventListener("unhandledrejection", ({ reason }) => unhandled.push(reason));
}

/** Runs one file and says how it went. */
export async function runFile(files: TestFiles, path: string): Promise<Report> {
  unhandled.length = 0;
  const [file] = await startTests([path], {
    config: config as never,
    pool: "workerd",
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

function reportOf(file: RunnerTestFile | undefined, path: string): Report {
  const tasks = file === undefined ? [] : tasksOf(file);
  const tests = tasks.filter(({ type }) => type === "test");
  const passed = tests.filter(({ result }) => result?.state === "pass").length;
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
  return { passed, failures, skips };
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
