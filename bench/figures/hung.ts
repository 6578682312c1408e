/**
 * How long a process outlives the deadline of a listener that hangs.
 * @module
 */
import {
  type Candidate,
  everywhere,
  ratioCells,
  ratioColumns,
  type Result,
  results,
} from "../_candidates.ts";
import { startProgram } from "../_programs.ts";
import type { Figure } from "../_report.ts";
import { interleave } from "../_rounds.ts";
import type { Runtime } from "../_runtimes.ts";
import { graceMs } from "../programs/_stop.ts";

const rounds = 5;
const limitMs = 300;

const programs = {
  "sitebus": "stop_bus",
  "bare": "stop_bare",
  "close-with-grace": "stop_close_with_grace",
  "exit-hook": "stop_exit_hook",
};

/** How a listener hangs: as the programs are told, and as the table says. */
const manners = { "hung": "hangs", "hung-with-timer": "hangs, with a timer" };

/** Signals each program once a round, and waits for its end. */
export async function hung(runtimes: readonly Runtime[]): Promise<Figure> {
  const candidates = everywhere(runtimes, programs).filter(waits);
  const found: { readonly says: string; readonly all: readonly Result[] }[] = [];
  for (const [manner, says] of Object.entries(manners)) {
    const measured = await interleave(candidates, { rounds, measure: (one) => measure(one, manner) });
    found.push({ says, all: results(candidates, measured) });
  }
  return {
    title: "A stop listener that hangs",
    says:
      `Milliseconds that the process lives beyond the deadline of ${graceMs} ms, from the parent's kill() on, ` +
      `best of ${rounds} rounds, each with a fresh process. The listener returns a promise that never settles; ` +
      '"with a timer", it also leaves an interval that keeps the process alive. "bare" is a process.on("SIGTERM") ' +
      "with a timer that calls process.exit at the deadline, and so are the peers; the bus says who is late, goes on " +
      "through its states, lets the process end by itself so that no output is lost, and uses force only after that. " +
      "close-with-grace is not measured on Deno: with the signals skipped that it crashes on there, it takes the " +
      "first SIGTERM for a second one as well, and does not wait at all.",
    columns: ["listener", ...ratioColumns],
    rows: found.flatMap(({ says, all }) => all.map((result) => [says, ...ratioCells(result, all)])),
    limits: found.flatMap(({ says, all }) =>
      all.filter(({ name }) => name === "sitebus").map(({ runtime, best }) => ({
        name: `beyond the deadline on ${runtime.name}, where the listener ${says}`,
        found: best,
        atMost: limitMs,
        unit: "ms",
      }))
    ),
  };
}

function waits({ runtime, name }: Candidate): boolean {
  return !(runtime.name === "Deno" && name === "close-with-grace");
}

async function measure({ runtime, program }: Candidate, manner: string): Promise<number> {
  const running = await startProgram(runtime, program, manner);
  const signalledAt = running.terminate();
  await running.waitForLine("stopping");
  return await running.waitForEnd() - signalledAt - graceMs;
}
