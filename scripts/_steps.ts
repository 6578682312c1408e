/**
 * Runs a list of checks. Each check prints one line and counts as passed or failed.
 * @module
 */
import process from "node:process";
import { command, type CommandOptions, countLine, sideBySide } from "./command.ts";

/** One check. It passes if `run` returns no problem; an error that `run` throws is a problem too. */
export interface Step {
  readonly name: string;
  readonly says: string;
  readonly run: () => readonly string[] | Promise<readonly string[]>;
}

/** How many steps passed, and how many failed. */
export interface Counts {
  readonly passed: number;
  readonly failed: number;
}

/** Runs the steps, at most `width` at a time, and prints each as it ends. */
export async function runSteps(steps: readonly Step[], width: number): Promise<Counts> {
  const results = await sideBySide(steps.map((step) => () => runStep(step)), width);
  const passed = results.filter((ok) => ok).length;
  return { passed, failed: results.length - passed };
}

async function runStep({ name, says, run }: Step): Promise<boolean> {
  const began = performance.now();
  let problems: readonly string[];
  try {
    problems = await run();
  } catch (error) {
    problems = [error instanceof Error ? error.message : String(error)];
  }
  const seconds = ((performance.now() - began) / 1000).toFixed(1);
  const ok = problems.length === 0;
  console.log(`${ok ? "ok  " : "FAIL"} ${name.padEnd(10)} ${says}, ${seconds} s`);
  for (const problem of problems) console.log(problem.replace(/^/gm, "     "));
  return ok;
}

/** Prints the line of counts that CI reads, and sets the exit code: 1 if a step failed. */
export function endWithCounts(...counts: readonly Counts[]): void {
  const passed = counts.reduce((sum, { passed }) => sum + passed, 0);
  const failed = counts.reduce((sum, { failed }) => sum + failed, 0);
  console.log(countLine(passed, failed));
  process.exitCode = failed === 0 ? 0 : 1;
}

/** Runs a program as a step, which passes if the program ends with 0. */
export async function programProblems(
  file: string,
  args: readonly string[],
  options: CommandOptions = {},
): Promise<readonly string[]> {
  const { code, output, crash } = await command(file, args, {
    ...options,
    env: { NO_COLOR: "1", ...options.env },
  });
  return code === 0 && crash === undefined ? [] : [output.trim(), crash ?? `exit code ${code}`];
}
