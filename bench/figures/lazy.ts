/**
 * What lazy values, applications by configuration and the global lock cost.
 * @module
 */
import { readNumbers } from "../_programs.ts";
import { digits, type Figure, type Limit, ratio } from "../_report.ts";
import { interleave } from "../_rounds.ts";
import type { Runtime } from "../_runtimes.ts";

const processes = 3;

const rows: readonly (readonly [title: string, key: string, base?: string])[] = [
  ["`lazy.get()`, a value that is there", "get"],
  ["`JSON.stringify` of 230 bytes", "stringify"],
  ["`dynamicApp`, a hit by them", "hit", "stringify"],
  ["`JSON.stringify` of 700 bytes", "stringifyWide"],
  ["`dynamicApp`, a hit by them", "hitWide", "stringifyWide"],
  ["a promise chain by hand", "chain"],
  ["`serialize`", "serialize", "chain"],
  ["a promise chain by hand, ten at once", "chainBurst"],
  ["`serialize`, ten at once", "serializeBurst", "chainBurst"],
];

/** Measures all of it in processes of their own, in turn. */
export async function lazy(runtimes: readonly Runtime[]): Promise<Figure> {
  const found = await interleave(runtimes, {
    rounds: processes,
    measure: (runtime) => readNumbers({ runtime, program: "lazy", args: [] }),
  });
  const best = (place: number, key: string) =>
    Math.min(...found[place]!.map((numbers) => numbers[key] ?? NaN));
  const cell = (place: number, key: string, base: string | undefined) => {
    const value = best(place, key);
    return base === undefined ? digits(value) : `${digits(value)} (${ratio(value, best(place, base))})`;
  };
  return {
    title: "Lazy values and applications",
    says:
      `Nanoseconds a call, the best of ${processes} processes. A hit finds the application of a configuration, calls it ` +
      "in an async context of its own and counts it as in flight; on Node and Deno some 190 ns of it are " +
      "`AsyncLocalStorage.run`, so that a larger configuration has the better ratio. The application behind the lock " +
      "awaits once. A request that waits for the lock has a place in a queue, a time of its own and its client's " +
      "signal, of which the chain by hand has none.",
    tables: [{
      columns: ["", ...runtimes.map(({ name }) => `${name}, ns`)],
      rows: rows.map((
        [title, key, base],
      ) => [title, ...runtimes.map((_, place) => cell(place, key, base))]),
    }],
    limits: runtimes.flatMap(({ name }, place): Limit[] => [
      {
        name: `\`lazy.get()\` on ${name}`,
        found: best(place, "get"),
        atMost: 20,
        unit: "ns",
      },
      {
        name: `a hit of \`dynamicApp\` over \`JSON.stringify\` of 700 bytes on ${name}`,
        found: best(place, "hitWide") / best(place, "stringifyWide"),
        atMost: 3,
        unit: "times",
      },
      {
        name: `\`serialize\` over a promise chain by hand on ${name}`,
        found: best(place, "serialize") / best(place, "chain"),
        atMost: 1.3,
        unit: "times",
      },
      {
        name: `more memory after 10,000 configurations than after 1,000 on ${name}`,
        found: best(place, "grownKb"),
        atMost: 512,
        unit: "kB",
      },
    ]),
  };
}
