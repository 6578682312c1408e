/**
 * From SIGTERM to the first line of the first listener.
 * @module
 */
import { bestOf, byRuntime, type Candidate, everywhere, orCrash, resultsOf } from "../_candidates.ts";
import { startProgram } from "../_programs.ts";
import type { Figure } from "../_report.ts";
import { interleave } from "../_rounds.ts";
import type { Runtime } from "../_runtimes.ts";

const rounds = 5;
const limitMs = 5;

const programs: Readonly<Record<string, string>> = {
  "sitebus": "stop_bus prompt",
  "bare": "stop_bare prompt",
  "close-with-grace": "stop_close_with_grace prompt",
  "exit-hook": "stop_exit_hook prompt",
};

/** Signals each program once a round, and waits for its line. */
export async function sigterm(runtimes: readonly Runtime[]): Promise<Figure> {
  const candidates = everywhere(runtimes, programs);
  const numbers = await interleave(candidates, {
    rounds,
    measure: (candidate) => orCrash(candidate, () => measure(candidate)),
  });
  const inside = resultsOf(candidates, numbers, "inside");
  return {
    title: "SIGTERM to the first stop listener",
    says:
      `Milliseconds from the parent's kill() until the line arrives that the listener prints, best of ${rounds} ` +
      'rounds, each with a fresh process. "Inside" is the bus\'s own share of it: from its `signal` channel to the ' +
      "first statement of the `stop` listener, by the clock of the process; between them lie the states `drain` and " +
      '`stop` and all their promises, run for the first time and so not yet compiled. "bare" is ' +
      'process.on("SIGTERM").',
    tables: [
      byRuntime(resultsOf(candidates, numbers, "outside"), {
        unit: "ms",
        caption: "From outside",
      }),
      byRuntime(inside.filter(({ name }) => name === "sitebus"), {
        unit: "ms",
        caption: "Inside",
      }),
    ],
    limits: runtimes.map((runtime) => ({
      name: `the bus's own share on ${runtime.name}`,
      found: bestOf(inside, { runtime, name: "sitebus" }),
      atMost: limitMs,
      unit: "ms",
    })),
  };
}

async function measure(
  candidate: Candidate,
): Promise<Record<"outside" | "inside", number>> {
  const running = await startProgram(candidate);
  const signalledAt = running.terminate();
  const { text, at } = await running.waitForLine("stopping");
  await running.waitForEnd();
  return { outside: at - signalledAt, inside: Number(text.split(" ")[1]) };
}
