/**
 * The runners of `npm test`: the runtimes, and how each runs the tests.
 * @module
 */
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import process from "node:process";
import { command, type Ended } from "../command.ts";
import { requireTool, type Tool } from "../tools.ts";
import { crashed, type Report, TEST_ENDED } from "./report.ts";
import { runDocTests } from "./doc_tests.ts";
import { runOnFrameworks } from "./frameworks.ts";
import { runOnWindows } from "./windows.ts";
import { runInWorkerd } from "./workerd.ts";

/** A runner. */
export interface Runner {
  readonly name: string;
  /** Whether a file of the repository has tests for this runner. */
  readonly takes: (path: string) => boolean;
  /** Runs the tests in the files; calls `ended` with how many tests have ended since the last call. */
  readonly run: (files: readonly string[], ended: (count: number) => void) => Promise<Report>;
  /** Whether all its tests may be skipped, if the machine cannot run them. */
  readonly optional?: true;
  /** Whether the runner runs alone, after the others, since it needs the whole machine. */
  readonly alone?: true;
}

/** The timeout until the next test ends, in milliseconds, scaled with the machine. After it, the run counts as crashed. */
const SILENCE_MS = 120_000;

const isForFrameworks = (path: string) => path === "test/cli/installed_frameworks.test.ts";
const isForWindows = (path: string) => path.startsWith("test/windows/") && path.endsWith(".test.ts");
/** Whether a file tests the project's own scripts. They run on Node 26 only, and so do their tests. */
const isForScripts = (path: string) => path.startsWith("test/scripts/") && path.endsWith(".test.ts");
const isForAll = (path: string) =>
  path.startsWith("test/") && path.endsWith(".test.ts") &&
  ![isForFrameworks, isForWindows, isForScripts].some((isFor) => isFor(path));

/** The name of a runtime in `test/runtime.test.ts`, and the arguments with which it runs a program. */
const runtimes = {
  bun: { expected: "bun1", args: ["--bun"] },
  deno: { expected: "deno2", args: ["run", "-A"] },
  node26: { expected: "node26", args: [] },
  node24: { expected: "node24", args: [] },
  node22: { expected: "node22", args: [] },
} as const satisfies Partial<Record<Tool, unknown>>;

type Runtime = keyof typeof runtimes;

const onRuntime = (name: Runtime): Runner => ({
  name,
  takes: isForAll,
  run: (files, ended) => runVitest(name, files, { ended }),
});

/** All runners; the slowest ones first. */
export const runners: readonly Runner[] = [
  onRuntime("node22"),
  onRuntime("node24"),
  onRuntime("node26"),
  onRuntime("deno"),
  onRuntime("bun"),
  {
    name: "frameworks",
    takes: isForFrameworks,
    run: (files, ended) =>
      runOnFrameworks(files, {
        runtimes: ["node26", "deno", "bun"],
        run: (runtime, env) => runVitest(runtime as Runtime, files, { ended, env }),
      }),
    optional: true,
  },
  {
    name: "scripts",
    takes: isForScripts,
    run: (files, ended) => runVitest("node26", files, { ended }),
  },
  {
    name: "workerd",
    takes: isForWorkerd,
    run: (files, ended) => runInWorkerd(files, "workerd", ended),
  },
  {
    name: "doc",
    takes: (path) =>
      /^(mod\.ts|README\.md|CONTRIBUTING\.md|(src|platforms|components|docs)\/.*\.(ts|md))$/.test(path),
    run: runDocTests,
  },
  {
    name: "windows",
    takes: isForWindows,
    run: (files, ended) =>
      runOnWindows(files, {
        run: (flags, env) => runVitest("node26", files, { ended, flags, env }),
      }),
    optional: true,
    alone: true,
  },
];

/** The tests of what needs no runtime of its own; one that does says so in a comment, and why. */
function isForWorkerd(path: string): boolean {
  const folders = ["test/src/", "test/components/lazy/"];
  return isForAll(path) &&
    (path === "test/runtime.test.ts" || folders.some((folder) => path.startsWith(folder)));
}

interface VitestOptions {
  readonly ended: (count: number) => void;
  readonly flags?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
}

async function runVitest(
  name: Runtime,
  files: readonly string[],
  { ended, flags = [], env = {} }: VitestOptions,
): Promise<Report> {
  const { expected, args } = runtimes[name];
  const folder = mkdtempSync(join(tmpdir(), "sitebus-test-"));
  const path = join(folder, "report.json");
  try {
    const binary = requireTool(name);
    const reporter = "--reporter=./scripts/testing/reporter.ts";
    const run = await command(binary, [...args, requireTool("vitest"), "run", reporter, ...flags, ...files], {
      timeoutMs: SILENCE_MS,
      isProgress: (line) => {
        if (line !== TEST_ENDED) return false;
        ended(1);
        return true;
      },
      env: {
        NO_COLOR: "1",
        EXPECT_RUNTIME: expected,
        SITEBUS_REPORT: path,
        ...(name.startsWith("node") ? underNode(binary) : { SITEBUS_NODE: undefined }),
        ...env,
      },
    });
    return judge(name, run, path);
  } catch (error) {
    return crashed(name, error instanceof Error ? error.message : String(error));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** The environment in which the program "node" is the Node under test. */
function underNode(binary: string): Record<string, string> {
  return { SITEBUS_NODE: binary, PATH: `${dirname(binary)}${delimiter}${process.env["PATH"]}` };
}

/** Reads the report of a run. If the report has no failure but the run ended with an error, that is a failure. */
export function judge(name: string, { code, crash, output }: Ended, path: string): Report {
  let report: Report;
  try {
    report = JSON.parse(readFileSync(path, "utf8")) as Report;
  } catch {
    return crashed(name, `${crash ?? `ended with ${code}`}, without a report\n${output.trim()}`);
  }
  if (code === 0 && crash === undefined) return report;
  if (report.failures.length > 0 && crash === undefined) return report;
  const message = `${crash ?? `ended with ${code}`}\n${output.trim()}`;
  return { ...report, failures: [...report.failures, { name, message }] };
}
