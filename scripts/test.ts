/**
 * `npm test`: runs all tests on every runtime. `npm test -- node26 deno test/src` runs only the named files and folders on the
 * named runners. The script first prints what it runs, then its progress every few seconds.
 * @module
 */
import process from "node:process";
import { countLine, endWithUs, sideBySide } from "./command.ts";
import { root } from "./tools.ts";
import { listFiles } from "./check/sources.ts";
import { addReports, crashed, type Report, type TestFailure } from "./testing/report.ts";
import { scaleLimits } from "./testing/machine.ts";
import { Progress } from "./testing/progress.ts";
import { type Runner, runners } from "./testing/runners.ts";
import { secondGo } from "./testing/second_go.ts";

interface Run {
  readonly runner: Runner;
  readonly report: Report;
  readonly seconds: number;
}

endWithUs();
const words = process.argv.slice(2);
const named = runners.filter(({ name }) => words.includes(name));
const places = words.filter((word) => !runners.some(({ name }) => name === word)).map((word) =>
  word.replace(/^\.\//, "").replace(/\/$/, "")
);
const paths = listFiles(root);
const unknown = places.find((place) => !paths.some((path) => isIn(path, place)));
if (unknown !== undefined) {
  const names = runners.map(({ name }) => name).join(", ");
  console.error(`Cannot test "${unknown}": it is not a file, a folder or one of ${names}`);
  process.exit(64);
}

const chosen = named.length > 0
  ? named
  : runners.filter((runner) => places.length === 0 || filesOf(runner).length > 0);
console.log(
  `Runs tests on ${chosen.map(({ name }) => name).join(", ")}; first measures how fast the machine is`,
);
const factor = await scaleLimits();
console.log(
  factor > 1
    ? `The machine is slow at present: time limits are ${factor} times as long`
    : "The machine is fast enough for all time limits",
);
const progress = new Progress();
const first = [
  ...await runSome(chosen.filter(({ alone }) => !alone), 2),
  ...await runSome(chosen.filter(({ alone }) => alone), 1),
];
const runs: Run[] = [];
for (const run of first) runs.push(await again(run));
progress.end();
printFailures(runs);
printSkips(runs);
printTable(runs);
const { passed, failures, skips } = addReports(runs.map(({ report }) => report));
// A run without a single runner is a failure.
const failed = runs.length === 0 ? 1 : failures.length;
console.log(countLine(passed, failed, skips.length));
process.exitCode = failed === 0 ? 0 : 1;

function isIn(path: string, place: string): boolean {
  return path === place || path.startsWith(`${place}/`);
}

async function runSome(some: readonly Runner[], width: number): Promise<Run[]> {
  return await sideBySide(some.map((runner) => () => run(runner)), width);
}

/** Returns the files that a runner is to run. */
function filesOf(runner: Runner): string[] {
  return paths.filter((path) =>
    runner.takes(path) && (places.length === 0 || places.some((place) => isIn(path, place)))
  );
}

async function run(runner: Runner): Promise<Run> {
  const { name } = runner;
  const files = filesOf(runner);
  // Measured again, since the machine may have become busier since the last runner began.
  await scaleLimits();
  const running = progress.start(name);
  const report = files.length === 0
    ? crashed(name, "has no test to run")
    : await reportOf(runner, files, running.ended);
  const seconds = running.stop();
  const { passed, failures } = report;
  console.log(
    `${failures.length === 0 ? "ok  " : "FAIL"} ${name}, ${passed} passed, ${failures.length} failed, ` +
      `${seconds.toFixed(1)} s`,
  );
  // Their messages come at the end, after the second run.
  for (const failure of failures) console.log(`     ${failure.name}`);
  return { runner, report, seconds };
}

async function again(run: Run): Promise<Run> {
  const { name } = run.runner;
  const { report, held } = await secondGo(run.report, async (files) => {
    console.log(`Second run of failed files, alone, on ${name}: ${files.join(" ")}`);
    await scaleLimits();
    const running = progress.start(name);
    return await run.runner.run(files, running.ended).finally(running.stop);
  });
  for (const failure of held) printFailure("passed in the second run, alone,", name, failure);
  return { ...run, report };
}

async function reportOf(
  runner: Runner,
  files: readonly string[],
  ended: (count: number) => void,
): Promise<Report> {
  let report: Report;
  try {
    report = await runner.run(files, ended);
  } catch (error) {
    report = crashed(runner.name, error instanceof Error ? error.stack ?? error.message : String(error));
  }
  const ran = report.passed + report.failures.length + (runner.optional ? report.skips.length : 0);
  return ran > 0 ? report : addReports([report, crashed(runner.name, "ran no test")]);
}

function printFailures(runs: readonly Run[]): void {
  for (const { runner, report } of runs) {
    for (const failure of report.failures) printFailure("FAIL", runner.name, failure);
  }
}

function printFailure(what: string, runner: string, { name, message }: TestFailure): void {
  console.log(`\n${what} ${runner}: ${name}\n${message.replace(/^/gm, "     ")}`);
}

/** Prints one line for each skipped test and reason, with all runtimes on which the test is skipped. */
function printSkips(runs: readonly Run[]): void {
  const where = new Map<string, string[]>();
  for (const { runner: { name }, report } of runs) {
    for (const skip of report.skips) {
      const line = `${skip.name}: ${skip.why === "" ? "(no reason given)" : skip.why}`;
      where.set(line, [...where.get(line) ?? [], name]);
    }
  }
  for (const [line, names] of where) console.log(`skip ${names.join(" ")}: ${line}`);
}

function printTable(runs: readonly Run[]): void {
  const row = (cells: readonly unknown[]) =>
    cells.map((cell, index) => index === 0 ? String(cell).padEnd(8) : String(cell).padStart(8)).join("");
  console.log(`\n${row(["", "passed", "failed", "skipped", "seconds"])}`);
  for (const { runner: { name }, report: { passed, failures, skips }, seconds } of runs) {
    console.log(row([name, passed, failures.length, skips.length, seconds.toFixed(1)]));
  }
}
