/**
 * What control costs a process: idle, asked, and read.
 * @module
 */
import { readNumbers } from "../_programs.ts";
import { digits, type Figure, type Limit } from "../_report.ts";
import { interleave } from "../_rounds.ts";
import type { Runtime } from "../_runtimes.ts";

const rounds = 2;

const rows: Readonly<Record<string, string>> = {
  bareWoken: "idle without control, wakeups of the main thread a second",
  mainWoken: "idle with control",
  statusMs: "GET /status on one connection, ms, the median of 2,000",
  statusSlowMs: "the 99th percentile, ms",
  statusPerSecond: "answers a second, one after another",
  statusCpuMs: "processor time of the process for each, ms",
  eventsCpuPercent: "1,000 events a second to 10 readers, % of one processor",
  eventsGrownMb: "growth of its memory in 3 s of that, MB",
  eventsLost: "events that a reader did not get",
};

/** Measures it in processes of their own, in turn. */
export async function control(runtimes: readonly Runtime[]): Promise<Figure> {
  const found = await interleave(runtimes, {
    rounds,
    measure: async (runtime) => {
      const bare = await readNumbers({
        runtime,
        program: "control",
        args: ["bare"],
      });
      const numbers = await readNumbers({
        runtime,
        program: "control",
        args: ["control"],
      });
      return { ...numbers, bareWoken: bare["mainWoken"] ?? NaN };
    },
  });
  const best = (place: number, key: string) => {
    const values = found[place]!.map((numbers) => (numbers as Record<string, number>)[key] ?? NaN);
    return key === "statusPerSecond"
      ? Math.max(...values)
      : key === "eventsLost"
      ? Math.max(...values)
      : Math.min(...values);
  };
  return {
    title: "Control: idle, asked, and read",
    says:
      "A bus with ten components that have a check, its control on a unix socket, and clients in processes of their " +
      "own. The best of the rounds; of lost events the worst.",
    tables: [{
      columns: ["", ...runtimes.map(({ name }) => name)],
      rows: Object.entries(rows).map(([key, title]) => [
        title,
        ...runtimes.map((_, place) => digits(best(place, key))),
      ]),
    }],
    limits: runtimes.flatMap(({ name }, place): Limit[] => [
      {
        name: `wakeups a second more by idle control on ${name}`,
        found: best(place, "mainWoken") - best(place, "bareWoken"),
        atMost: 0.5,
        unit: "",
      },
      {
        name: `GET /status on ${name}`,
        found: best(place, "statusMs"),
        atMost: 5,
        unit: "ms",
      },
      {
        name: `events lost on ${name}`,
        found: best(place, "eventsLost"),
        atMost: 0,
        unit: "",
      },
    ]),
  };
}
