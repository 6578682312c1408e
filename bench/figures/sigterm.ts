/**
 * From SIGTERM to the first line of the first listener.
 * @module
 */
import { type Candidate, everywhere, ratioCells, ratioColumns, results } from "../_candidates.ts";
import { startProgram } from "../_programs.ts";
import { digits, type Figure } from "../_report.ts";
import { interleave } from "../_rounds.ts";
import type { Runtime } from "../_runtimes.ts";

const rounds = 9;
const limitMs = 5;

const programs = {
  "sitebus": "stop_bus",
  "bare": "stop_bare",
  "close-with-grace": "stop_close_with_grace",
  "exit-hook": "stop_exit_hook",
};

/** Signals each program once a round, and waits for its line. */
export async function sigterm(runtimes: readonly Runtime[]): Promise<Figure> {
  const candidates = everywhere(runtimes, programs);
  const measured = await interleave(candidates, { rounds, measure });
  const outside = results(candidates, measured.map((of) => of.map(({ outsideMs }) => outsideMs)));
  const inside = results(candidates, measured.map((of) => of.map(({ insideMs }) => insideMs)));
  return {
    title: "SIGTERM to the first stop listener",
    says:
      `Milliseconds from the parent's kill() until the line arrives that the listener prints, best of ${rounds} ` +
      'rounds, each with a fresh process. "inside" is the bus\'s own share of it: from its `signal` channel to the ' +
      "first statement of the `stop` listener, by the clock of the process; between them lie the states `drain` and " +
      '`stop` and all their promises, run for the first time and so not yet compiled. "bare" is ' +
      'process.on("SIGTERM").',
    columns: [...ratioColumns, "inside, best", "inside, worst"],
    rows: outside.map((result, index) => [
      ...ratioCells(result, outside),
      ...[inside[index]?.best, inside[index]?.worst].map((ms) => digits(ms ?? NaN)),
    ]),
    limits: inside.filter(({ name }) => name === "sitebus").map(({ runtime, best }) => ({
      name: `the bus's own share on ${runtime.name}`,
      found: best,
      atMost: limitMs,
      unit: "ms",
    })),
  };
}

async function measure({ runtime, program }: Candidate): Promise<{ outsideMs: number; insideMs: number }> {
  const running = await startProgram(runtime, program, "prompt");
  const signalledAt = running.terminate();
  const { text, at } = await running.waitForLine("stopping");
  await running.waitForEnd();
  return { outsideMs: at - signalledAt, insideMs: Number(text.split(" ")[1]) };
}
