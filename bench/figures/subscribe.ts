/**
 * What it costs to subscribe and unsubscribe.
 * @module
 */
import { byRuntime, everywhere, numbersOf, resultsOf } from "../_candidates.ts";
import type { Figure } from "../_report.ts";
import type { Runtime } from "../_runtimes.ts";

const rounds = 5;

const names = [
  "sitebus",
  "bare",
  "node:events",
  "nanoevents",
  "eventemitter3",
  "mitt",
  "hookable core",
  "hookable",
  "EventTarget",
  "emittery",
];

/** Measures each in a process of its own, once a round. */
export async function subscribe(runtimes: readonly Runtime[]): Promise<Figure> {
  const candidates = everywhere(
    runtimes,
    Object.fromEntries(names.map((name) => [name, `subscribe ${name}`])),
  );
  const numbers = await numbersOf(candidates, rounds);
  return {
    title: "Subscribe and unsubscribe",
    says:
      "Nanoseconds to subscribe a listener and to unsubscribe it, on a channel without others and with 100 others; " +
      'measured as above. "bare" is push and splice. sitebus checks what it is given, keeps the order of ' +
      "priorities, and leaves the list of a round under way as it was: it pays here for what it saves when it publishes. " +
      "tapable has no way to unsubscribe.",
    tables: ["0", "100"].map((others) =>
      byRuntime(resultsOf(candidates, numbers, others), {
        unit: "ns",
        caption: others === "0" ? "No others" : `${others} others`,
      })
    ),
    limits: [],
  };
}
