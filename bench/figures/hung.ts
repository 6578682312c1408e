/**
 * How long a process outlives the deadline of a listener that hangs.
 * @module
 */
import { bestOf, byRuntime, type Candidate, everywhere, orCrash } from "../_candidates.ts";
import { type Result, resultsOf } from "../_candidates.ts";
import { startProgram } from "../_programs.ts";
import type { Figure } from "../_report.ts";
import { interleave } from "../_rounds.ts";
import type { Runtime } from "../_runtimes.ts";

const rounds = 5;
const graceMs = 200;
const limitMs = 300;

const programs: Readonly<Record<string, string>> = {
  "sitebus": "stop_bus",
  "bare": "stop_bare",
  "close-with-grace": "stop_close_with_grace",
  "exit-hook": "stop_exit_hook",
};

/** How a listener hangs: as the programs are told, and as the tables say. */
const manners = {
  "hung": "hangs",
  "hung-with-timer": "hangs and leaves a timer",
};

/** Signals each program once a round, and waits for its end. */
export async function hung(runtimes: readonly Runtime[]): Promise<Figure> {
  const found: { readonly says: string; readonly all: readonly Result[] }[] = [];
  for (const [manner, says] of Object.entries(manners)) {
    const args = [manner, String(graceMs)];
    const candidates = everywhere(runtimes, programs).map((candidate) => ({
      ...candidate,
      args,
    }));
    const numbers = await interleave(candidates, {
      rounds,
      measure: (candidate) => orCrash(candidate, () => measure(candidate)),
    });
    found.push({ says, all: resultsOf(candidates, numbers, "beyond") });
  }
  return {
    title: "A stop listener that hangs: beyond its deadline",
    says:
      `Milliseconds that the process lives beyond the deadline of ${graceMs} ms, from the parent's kill() on, ` +
      `best of ${rounds} rounds, each with a fresh process. The listener returns a promise that never settles; ` +
      'where it leaves a timer, that alone keeps the process alive. "bare" is a process.on("SIGTERM") ' +
      "with a timer that calls process.exit at the deadline, and so are the peers; the bus says who is late, goes on " +
      "through its states, lets the process end by itself so that no output is lost, and uses force only after that.",
    tables: found.map(({ says, all }) => byRuntime(all, { unit: "ms", caption: `The listener ${says}` })),
    limits: found.flatMap(({ says, all }) =>
      runtimes.map((runtime) => ({
        name: `beyond the deadline on ${runtime.name}, where the listener ${says}`,
        found: bestOf(all, { runtime, name: "sitebus" }),
        atMost: limitMs,
        unit: "ms",
      }))
    ),
  };
}

async function measure(
  candidate: Candidate,
): Promise<Record<"beyond", number>> {
  const running = await startProgram(candidate);
  const signalledAt = running.terminate();
  await running.waitForLine("stopping");
  const { at } = await running.waitForEnd();
  return { beyond: at - signalledAt - graceMs };
}
