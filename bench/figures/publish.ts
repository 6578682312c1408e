/**
 * What it costs to publish to listeners that are not awaited.
 * @module
 */
import { bestOf, byRuntime, everywhere, numbersOf, resultsOf } from "../_candidates.ts";
import type { Figure, Limit } from "../_report.ts";
import type { Runtime } from "../_runtimes.ts";

const rounds = 5;
const limits: Readonly<Record<Runtime["name"], number>> = {
  Node: 1.3,
  Deno: 1.3,
  Bun: 1.5,
};
const yardstick = "node:events";

const programs: Readonly<Record<string, string>> = {
  "sitebus": "publish sitebus",
  "bare": "publish bare",
  [yardstick]: "publish node:events",
  "nanoevents": "publish nanoevents",
  "eventemitter3": "publish eventemitter3",
  "mitt": "publish mitt",
  "tapable": "publish tapable",
  "hookable core": "publish hookable core",
  "hookable": "publish hookable",
  "EventTarget": "publish EventTarget",
  "emittery": "publish emittery",
};

/** Measures each in a process of its own, once a round. */
export async function publish(runtimes: readonly Runtime[]): Promise<Figure> {
  const candidates = everywhere(runtimes, programs);
  const numbers = await numbersOf(candidates, rounds);
  const counts = ["1", "10", "100"].map((count) => ({
    count,
    all: resultsOf(candidates, numbers, count),
  }));
  const ten = counts[1]?.all ?? [];
  return {
    title: "Publish, nothing awaited",
    says:
      "Nanoseconds to publish one argument to 1, 10 and 100 listeners that count: the median of 15 batches of 4 ms, " +
      `once the code is hot, in a process of its own; the best of ${rounds} rounds and the worst. The listeners are ` +
      "ten different functions, as in a program, so that none is compiled into its caller. sitebus is " +
      '`bus.publishSync`, which keeps priorities, returns what each listener returned and lets none stop another; "bare" ' +
      "is a loop over an array. tapable compiles a loop of its own with `new Function`, into which the listeners are " +
      "compiled as well: no other can be as fast, and a content security policy or a cloud's workers forbid it. " +
      "emittery has no way to publish that is not awaited; hookable marks each call for the developer tools, and its " +
      "core does not.",
    tables: counts.map(({ count, all }) =>
      byRuntime(all, {
        unit: "ns",
        caption: count === "1" ? "1 listener" : `${count} listeners`,
      })
    ),
    limits: runtimes.map((runtime): Limit => ({
      name: `publishSync to 10 listeners over ${yardstick} on ${runtime.name}`,
      found: bestOf(ten, { runtime, name: "sitebus" }) /
        bestOf(ten, { runtime, name: yardstick }),
      atMost: limits[runtime.name],
      unit: "",
    })),
  };
}
