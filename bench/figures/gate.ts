/**
 * What the gate of a serverless host costs while the bus runs.
 * @module
 */
import { median } from "../_median.ts";
import { readNumbers } from "../_programs.ts";
import { digits, type Figure, type Limit } from "../_report.ts";
import { interleave } from "../_rounds.ts";
import type { Runtime } from "../_runtimes.ts";
import { buildWorker, workerdVersion } from "../_workerd.ts";

const processes = 5;

/** The most that the gate may cost over a direct call, in nanoseconds. */
const limits: Readonly<Record<string, number>> = {
  "ready, promise": 10,
  "run, value": 25,
  "run, promise": 25,
  "counted, value": 25,
  "counted, promise": 60,
};

const rows: Readonly<Record<string, string>> = {
  direct: "bare: called directly",
  ready: "`gate.ready()`, then called",
  run: "`gate.run()`, on a host that gives no notice",
  counted: "`gate.run()`, which counts what is in flight",
};

type Numbers = Readonly<Record<string, number>>;

/** Measures each runtime in processes of its own, in turn. */
export async function gate(runtimes: readonly Runtime[]): Promise<Figure> {
  const worker = await buildWorker("gate_worker");
  const places: readonly {
    readonly name: string;
    readonly measure: () => Promise<Numbers>;
  }[] = [
    ...runtimes.map((runtime) => ({
      name: runtime.name,
      measure: () => readNumbers({ runtime, program: "gate", args: [] }),
    })),
    {
      name: "workerd",
      async measure() {
        const workerd = worker.start();
        try {
          const response = await fetch(
            `http://127.0.0.1:${await workerd.port}/`,
          );
          return await response.json() as Numbers;
        } finally {
          workerd.end();
        }
      },
    },
  ];
  const found = await interleave(places, {
    rounds: processes,
    measure: ({ measure }) => measure(),
  });
  worker.remove();
  const cell = (place: number, key: string) => median(found[place]!.map((numbers) => numbers[key] ?? NaN));
  return {
    title: "The gate while the bus runs",
    says:
      "Nanoseconds over calling the application directly, whose own are in the first row: the median of 60 interleaved " +
      `rounds of 20,000 calls, in workerd 40 of 200,000, and of ${processes} processes. The application returns a number at once, or is an async ` +
      "function and is awaited. `ready()` and an uncounted `run()` allocate no promise. What is in flight is counted " +
      "where a host gives notice of its end, since `drain` waits for it then; the end of a promise cannot be seen " +
      "without one more promise, which is what the last row costs over the one before. " +
      `${workerdVersion()}; in it, the time of a batch includes that of a wait, by which its clock moves on.`,
    tables: (["value", "promise"] as const).map((kind) => ({
      caption: kind === "value" ? "The application returns at once" : "The application returns a promise",
      columns: ["", ...places.map(({ name }) => `${name}, ns`)],
      rows: Object.entries(rows).map(([key, title]) => [
        title,
        ...places.map((_, place) => digits(cell(place, `${key}, ${kind}`))),
      ]),
    })),
    limits: places.flatMap(({ name }, place) =>
      Object.entries(limits).map(([key, atMost]): Limit => ({
        name: `${key} on ${name}`,
        found: cell(place, key),
        atMost,
        unit: "ns",
      }))
    ),
  };
}
