/**
 * How close a graph of components comes to its longest way.
 * @module
 */
import { bestOf, byRuntime, everywhere, numbersOf, type Result, resultsOf } from "../_candidates.ts";
import type { Figure } from "../_report.ts";
import type { Runtime } from "../_runtimes.ts";

const rounds = 5;
const limit = 1.1;

const programs = { "sitebus": "graph sitebus", "bare": "graph bare" };

/** Measures each in a process of its own, once a round. */
export async function graph(runtimes: readonly Runtime[]): Promise<Figure> {
  const candidates = everywhere(runtimes, programs);
  const numbers = await numbersOf(candidates, rounds);
  const paths = resultsOf(candidates, numbers, "path");
  const over = (key: "start" | "stop"): Result[] =>
    resultsOf(candidates, numbers, key).map((result) => {
      const own = paths.filter(({ runtime }) => runtime === result.runtime);
      const path = Math.min(...own.map(({ best }) => best));
      return {
        ...result,
        best: result.best / path,
        worst: result.worst / path,
      };
    });
  const found = { start: over("start"), stop: over("stop") };
  return {
    title: "A graph of 100 components, ten deep",
    says:
      "Ten layers of ten components, each of which depends on all of the layer before and waits 10 ms in its start and " +
      "in its stop: the time over that of the critical path, which is ten waits of 10 ms one after another, by the same " +
      `timers of the same runtime, some 102 ms at its best; best of ${rounds} rounds. "bare" is ` +
      "Promise.all for each layer, written by hand. The peers that start components have no graph: they do one after another, so ten times that.",
    tables: [
      byRuntime(found.start, {
        unit: "over the path",
        caption: "Start",
        ratios: false,
      }),
      byRuntime(found.stop, {
        unit: "over the path",
        caption: "Stop",
        ratios: false,
      }),
    ],
    limits: runtimes.flatMap((runtime) =>
      (["start", "stop"] as const).map((key) => ({
        name: `${key} over the critical path on ${runtime.name}`,
        found: bestOf(found[key], { runtime, name: "sitebus" }),
        atMost: limit,
        unit: "",
      }))
    ),
  };
}
