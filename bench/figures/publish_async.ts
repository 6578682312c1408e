/**
 * What it costs to publish to listeners that are awaited, without a deadline and with one.
 * @module
 */
import { bestOf, byRuntime, everywhere, numbersOf, resultsOf } from "../_candidates.ts";
import type { Figure } from "../_report.ts";
import type { Runtime } from "../_runtimes.ts";

const rounds = 5;
const limitNs = 4000;

const without: Readonly<Record<string, string>> = {
  "sitebus": "publish_async sitebus",
  "bare": "publish_async bare",
  "emittery": "publish_async emittery",
  "hookable": "publish_async hookable",
  "tapable": "publish_async tapable",
  "Promise.all": "publish_async Promise.all",
  "emittery, all at once": "publish_async emittery parallel",
  "hookable, all at once": "publish_async hookable parallel",
  "tapable, all at once": "publish_async tapable parallel",
};

const within: Readonly<Record<string, string>> = {
  "sitebus, within": "publish_async sitebus within",
  "sitebus, a state": "states",
  "bare, one timer": "publish_async bare deadline",
  "emittery, one timer": "publish_async emittery deadline",
  "hookable, one timer": "publish_async hookable deadline",
  "tapable, one timer": "publish_async tapable deadline",
  "bare, a timer each": "publish_async bare timers",
};

/** Measures each in a process of its own, once a round. */
export async function publishAsync(
  runtimes: readonly Runtime[],
): Promise<Figure> {
  const candidates = everywhere(runtimes, { ...without, ...within });
  const all = resultsOf(candidates, await numbersOf(candidates, rounds), "ns");
  return {
    title: "Publish, ten listeners awaited",
    says:
      "Nanoseconds until a publish to ten async listeners resolves, each of which does `await null`, one after " +
      'another unless the row says "all at once"; measured as above. "sitebus, within" is `bus.publish` where each ' +
      'listener was subscribed with `{ within }`: ten deadlines on one timer. "sitebus, a state" is a round of a ' +
      "state's listeners, under the one deadline of the state: a fifth of what start and stop take longer with ten " +
      "listeners on each of five states than with none. No peer has a deadline: what one writes by hand is " +
      "Promise.race with one timer for all, which cannot say who was late, or with a timer for each.",
    tables: [
      byRuntime(all.filter(({ name }) => name in without), {
        unit: "ns",
        caption: "Without a deadline",
      }),
      byRuntime(all.filter(({ name }) => name in within), {
        unit: "ns",
        caption: "With a deadline",
      }),
    ],
    limits: runtimes.filter(({ name }) => name === "Node").map((runtime) => ({
      name: `ten awaited under a deadline on ${runtime.name}`,
      found: bestOf(all, { runtime, name: "sitebus, within" }),
      atMost: limitNs,
      unit: "ns",
    })),
  };
}
