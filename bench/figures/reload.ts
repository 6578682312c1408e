/**
 * How soon a changed file is committed, and what clients see of new certificates.
 * @module
 */
import { readNumbers } from "../_programs.ts";
import { digits, type Figure, type Limit } from "../_report.ts";
import { interleave } from "../_rounds.ts";
import type { Runtime } from "../_runtimes.ts";

const rounds = 2;

const rows: Readonly<Record<string, string>> = {
  commitMs: "a changed file is committed after, ms, the median of 20",
  slowestMs: "the slowest of them, ms",
  swapMs: "a reload with a new certificate and its proof, ms, the median of 100",
  answered: "requests answered meanwhile",
  failed: "requests that failed",
  old: "first handshakes after a reload that showed the certificate before",
};

/** Measures it in processes of their own, in turn. */
export async function reload(runtimes: readonly Runtime[]): Promise<Figure> {
  const found = await interleave(runtimes, {
    rounds,
    measure: (runtime) => readNumbers({ runtime, program: "reload", args: [] }),
  });
  const of = (place: number, key: string) => found[place]!.map((numbers) => numbers[key] ?? NaN);
  const worst = (place: number, key: string) => Math.max(...of(place, key));
  const best = (place: number, key: string) => Math.min(...of(place, key));
  const isWorst = (key: string) => key === "failed" || key === "old";
  return {
    title: "Configuration and certificates, read again",
    says:
      "A file is replaced by a rename; 50 ms of the time is waited for, in case that more follows. The certificate is " +
      "changed 100 times while 8 clients ask, each request on a connection of its own; the server is of node:https, " +
      "on Bun of node:http2. What must not happen is the worst of the rounds, all else the best.",
    tables: [{
      columns: ["", ...runtimes.map(({ name }) => name)],
      rows: Object.entries(rows).map(([key, title]) => [
        title,
        ...runtimes.map((_, place) => digits(isWorst(key) ? worst(place, key) : best(place, key))),
      ]),
    }],
    limits: runtimes.flatMap(({ name }, place): Limit[] => [
      {
        name: `a changed file is committed on ${name}`,
        found: best(place, "commitMs"),
        atMost: 150,
        unit: "ms",
      },
      {
        name: `requests that failed in 100 changes on ${name}`,
        found: worst(place, "failed"),
        atMost: 0,
        unit: "",
      },
      {
        name: `handshakes with the certificate before on ${name}`,
        found: worst(place, "old"),
        atMost: 0,
        unit: "",
      },
    ]),
  };
}
