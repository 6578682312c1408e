/**
 * The runtimes that the tests run on, and how each runs them.
 * @module
 */
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import process from "node:process";
import { command, type Ended } from "../_command.ts";
import { requireTool, type Tool } from "../_tools.ts";
import { crashed, type Report } from "./_report.ts";
import { runDocTests } from "./doc_tests.ts";
import { runOnWindows } from "./windows.ts";
import { runInWorkerd } from "./workerd.ts";

/** Something that runs tests. */
export interface Runner {
  readonly name: string;
  /** Which of the repository's files are tests to it. */
  readonly takes: (path: string) => boolean;
  readonly run: (files: readonly string[]) => Promise<Report>;
  /** Whether its tests are all skipped where the machine cannot run them. */
  readonly optional?: true;
  /** Whether it runs after the others, with none beside it: it needs all that the machine has. */
  readonly alone?: true;
}

const RUN_MS = 300_000;
const isForWindows = (path: string) => path.startsWith("test/windows/") && path.endsWith(".test.ts");
const isTest = (path: string) => path.startsWith("test/") && path.endsWith(".test.ts") && !isForWindows(path);

/** The project's own scripts are run by Node 26 alone, and so are their tests. */
const isForAll = (path: string) => isTest(path) && !path.startsWith("test/scripts/");

/** All of them; the ones that take longest first. */
export const runners: readonly Runner[] = [
  { name: "bun", takes: isForAll, run: (files) => runVitest("bun", "bun1", ["--bun"], files) },
  { name: "deno", takes: isForAll, run: (files) => runVitest("deno", "deno2", ["run", "-A"], files) },
  { name: "node26", takes: isTest, run: (files) => runVitest("node26", "node26", [], files) },
  { name: "node24", takes: isForAll, run: (files) => runVitest("node24", "node24", [], files) },
  { name: "node22", takes: isForAll, run: (files) => runVitest("node22", "node22", [], files) },
  { name: "workerd", takes: isForWorkerd, run: (files) => runInWorkerd(files, "workerd") },
  {
    name: "doc",
    takes: (path) => /^(mod\.ts|README\.md|(src|platforms|components|docs)\/.*\.(ts|md))$/.test(path),
    run: runDocTests,
  },
  {
    name: "windows",
    takes: isForWindows,
    run: (files) =>
      runOnWindows(files, {
        run: (flags, env) => runVitest("node26", "node26", [], [...flags, ...files], env),
      }),
    optional: true,
    alone: true,
  },
];

/** The core's tests need no runtime of their own; one that does says so in a comment, and why. */
function isForWorkerd(path: string): boolean {
  return isTest(path) && (path === "test/runtime.test.ts" || path.startsWith("test/src/"));
}

async function runVitest(
  tool: Tool,
  expectRuntime: string,
  runtimeArgs: readonly string[],
  files: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<Report> {
  const folder = mkdtempSync(join(tmpdir(), "sitebus-test-"));
  const path = join(folder, "report.json");
  try {
    const binary = requireTool(tool);
    const ended = await command(
      binary,
      [...runtimeArgs, requireTool("vitest"), "run", "--reporter=./scripts/testing/reporter.ts", ...files],
      {
        timeoutMs: RUN_MS,
        env: {
          NO_COLOR: "1",
          EXPECT_RUNTIME: expectRuntime,
          SITEBUS_REPORT: path,
          ...(tool.startsWith("node") ? underNode(binary) : { SITEBUS_NODE: undefined }),
          ...env,
        },
      },
    );
    return judge(tool, ended, path);
  } catch (error) {
    return crashed(tool, error instanceof Error ? error.message : String(error));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** A program that a test starts by the name of "node" is the Node under test. */
function underNode(binary: string): Record<string, string> {
  return { SITEBUS_NODE: binary, PATH: `${dirname(binary)}${delimiter}${process.env["PATH"]}` };
}

/** Reads the report of a run. One that says that all is well, and ends as if it were not, is not believed. */
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
