/**
 * How long it takes to start and stop 1,000 components.
 * @module
 */
import { bestOf, byRuntime, everywhere, numbersOf, resultsOf } from "../_candidates.ts";
import type { Figure } from "../_report.ts";
import type { Runtime } from "../_runtimes.ts";

const rounds = 5;
const atMostOverBest = 2;
const atLeastOverAvvio = 4;

// All of them start one after another, and stop in an order as well.
const peers = [
  "AsyncDisposableStack",
  "hookable",
  "emittery",
  "avvio",
  "Effect",
  "Nest",
  "fastify",
];

const programs: Readonly<Record<string, string>> = {
  "sitebus": "components sitebus",
  "sitebus, a chain": "components sitebus chain",
  "bare": "components bare",
  "bare, side by side": "components bare side by side",
  ...Object.fromEntries(peers.map((name) => [name, `components ${name}`])),
};

/** Measures each in a process of its own, once a round. */
export async function components(
  runtimes: readonly Runtime[],
): Promise<Figure> {
  const candidates = everywhere(runtimes, programs);
  const numbers = await numbersOf(candidates, rounds);
  const all = resultsOf(candidates, numbers, "startAndStop");
  return {
    title: "Start and stop of 1,000 components",
    says:
      "Milliseconds to start and to stop 1,000 components that do `await null` in each, once, in a fresh process and so " +
      `without any warm-up; best of ${rounds} rounds. "sitebus" starts and stops side by side those that do not ` +
      'depend on each other; in "a chain", each depends on the one before. "bare" is two loops, "side by side" two ' +
      "of Promise.all. The peers do not do the same: AsyncDisposableStack, hookable and emittery are loops in order with nothing around them (no name, no " +
      "deadline, no roll-back), avvio and fastify build a tree, Effect a scope, Nest injects dependencies.",
    tables: [
      byRuntime(all, { unit: "ms", caption: "Start and stop" }),
      byRuntime(resultsOf(candidates, numbers, "all"), {
        unit: "ms",
        caption: "Registering them included",
      }),
    ],
    limits: runtimes.flatMap((runtime) => {
      const own = bestOf(all, { runtime, name: "sitebus" });
      const [bestPeer, avvio] = [peers, ["avvio"]].map((names) =>
        Math.min(
          ...names.map((name) => bestOf(all, { runtime, name })).filter(
            Number.isFinite,
          ),
        )
      ) as [number, number];
      return [
        {
          name: `over the best peer on ${runtime.name}`,
          found: own / bestPeer,
          atMost: atMostOverBest,
          unit: "",
        },
        {
          name: `times faster than avvio on ${runtime.name}`,
          found: avvio / own,
          atLeast: atLeastOverAvvio,
          unit: "",
        },
      ];
    }),
  };
}
