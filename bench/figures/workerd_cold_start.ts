/**
 * What a bus adds to the cold start of a Worker, and to the size of its script.
 * @module
 */
import { readdirSync, readFileSync } from "node:fs";
import { gzipSync } from "node:zlib";
import { median } from "../_median.ts";
import { digits, type Figure } from "../_report.ts";
import { interleave, spread } from "../_rounds.ts";
import { buildWorker, workerdVersion } from "../_workerd.ts";

const rounds = 41;

interface Found {
  readonly start: number;
  readonly first: number;
  readonly cpu: number;
}

/** Starts workerd with each Worker, once a round, and sends it one request. */
export async function workerdColdStart(): Promise<Figure> {
  const workers = {
    "bare": await buildWorker("cold_worker_bare"),
    "sitebus": await buildWorker("cold_worker_bus"),
  };
  const candidates = Object.values(workers);
  const found = await interleave(candidates, {
    rounds,
    async measure(worker) {
      const began = performance.now();
      const workerd = worker.start();
      try {
        const port = await workerd.port;
        const listens = performance.now();
        const response = await fetch(`http://127.0.0.1:${port}/`);
        if (await response.text() !== "hello") {
          throw new Error(`Cannot measure: ${workerd.output()}`);
        }
        const first = performance.now() - listens;
        return {
          start: listens - began,
          first,
          cpu: cpuMs(workerd.child.pid!),
        };
      } finally {
        workerd.end();
      }
    },
  });
  candidates.forEach(({ remove }) => remove());
  const over = (ms: (one: Found) => number) =>
    median(found[1]!.map((one, round) => ms(one) - ms(found[0]![round]!)));
  const bytes = candidates.map(({ code }) => [code.length, gzipSync(code, { level: 9 }).length] as const);
  const script = bytes[1]![1] - bytes[0]![1];
  return {
    title: "Cold start of a Worker",
    says:
      "Milliseconds from the start of workerd until it listens, which loads the script, and from there to its first " +
      "answer, which starts the bus; best and worst. The Worker makes one thing on its first request, by itself or as a " +
      `component. What the bus adds is the median of the differences in ${rounds} interleaved rounds. CPU is the ` +
      `time of all its threads on the processors, on Linux, which tells more on a machine that is busy. ${workerdVersion()}.`,
    tables: [{
      columns: [
        "",
        "until it listens, ms",
        "to the first answer, ms",
        "CPU, ms",
        "script, minified",
        "gzipped",
      ],
      rows: Object.keys(workers).map((name, index) => {
        const cells = (["start", "first", "cpu"] as const).map((key) => {
          const { best, worst } = spread(found[index]!.map((one) => one[key]));
          return `${digits(best)} – ${digits(worst)}`;
        });
        return [name, ...cells, ...bytes[index]!.map(String)];
      }),
    }],
    limits: [
      {
        name: "what a bus adds to the cold start",
        found: over(({ start, first }) => start + first),
        atMost: 5,
        unit: "ms",
      },
      {
        name: "what a bus adds to its CPU time",
        found: over(({ cpu }) => cpu),
        atMost: 5,
        unit: "ms",
      },
      {
        name: "what a bus adds to the script, gzipped",
        found: script,
        atMost: 20_000,
        unit: "bytes",
      },
    ],
  };
}

/** The processor time of all threads of a process, in milliseconds; NaN where the system does not tell it. */
function cpuMs(pid: number): number {
  try {
    const threads = readdirSync(`/proc/${pid}/task`);
    const ns = threads.map((id) =>
      Number(
        readFileSync(`/proc/${pid}/task/${id}/schedstat`, "utf8").split(" ")[0],
      )
    );
    return ns.reduce((sum, one) => sum + one, 0) / 1e6;
  } catch {
    return NaN;
  }
}
