/**
 * What `sitebus serve` costs each request.
 * @module
 */
import { type AddressInfo, createServer } from "node:net";
import { bestOf, byRuntime, type Candidate, everywhere, resultsOf } from "../_candidates.ts";
import { costsOfRequests, type Loaded, type RequestCost } from "../_load.ts";
import { CannotMeasure, type Program, startProgram } from "../_programs.ts";
import type { Figure } from "../_report.ts";
import { interleave } from "../_rounds.ts";
import type { Runtime } from "../_runtimes.ts";

const rounds = 7;
const limit = 0.97;
const load = { warmMs: 700, sliceMs: 100, slices: 12 };

const programs: Readonly<Record<string, string>> = {
  "sitebus serve": "./cli/main.ts serve bench/programs/serve_app.ts --port",
  "bare srvx": "serve_bare --port",
};

/** Loads both of a runtime side by side, once a round, each in a process of its own. */
export async function serve(runtimes: readonly Runtime[]): Promise<Figure> {
  const candidates = everywhere(runtimes, programs);
  const costs = await interleave(runtimes, {
    rounds,
    measure: (runtime) => measure(candidates.filter((candidate) => candidate.runtime === runtime)),
  });
  const numbers = costs.flatMap((of) =>
    Object.keys(programs).map((_, index) => of.map((round) => round[index]))
  );
  const all = resultsOf(candidates, numbers, "time");
  return {
    title: "Throughput of sitebus serve",
    says:
      "Microseconds for each request of an application that answers with a word, by `sitebus serve` and by srvx alone, " +
      "on which it is built: 16 connections with eight pipelined requests each, from one process to the other, so that " +
      "the server is what is busy. Both run side by side and are loaded in turn; the best of " +
      `${load.slices} slices of ${load.sliceMs} ms in each of ${rounds} rounds. ` +
      "On a machine that does other work as well, its CPU time says more than its time.",
    tables: [
      byRuntime(all, { unit: "µs", caption: "Time" }),
      byRuntime(resultsOf(candidates, numbers, "cpu"), {
        unit: "µs",
        caption: "CPU of the server, in all slices",
      }),
    ],
    limits: runtimes.map((runtime) => ({
      name: `throughput over bare srvx on ${runtime.name}`,
      found: bestOf(all, { runtime, name: "bare srvx" }) /
        bestOf(all, { runtime, name: "sitebus serve" }),
      atLeast: limit,
      unit: "",
    })),
  };
}

async function measure(
  candidates: readonly Candidate[],
): Promise<readonly (RequestCost | undefined)[]> {
  const running: (Program & Loaded)[] = [];
  try {
    for (const candidate of candidates) {
      const port = await freePort();
      running.push({
        ...await startProgram({
          ...candidate,
          args: [...candidate.args, String(port)],
        }),
        port,
      });
    }
    return await costsOfRequests(running, load);
  } catch (error) {
    if (!(error instanceof CannotMeasure)) throw error;
    console.error(error.message);
    return [];
  } finally {
    for (const program of running) program.kill();
  }
}

/** One that nobody has: the command says which it took in words for people alone. */
function freePort(): Promise<number> {
  const server = createServer();
  return new Promise((resolve) => {
    server.listen(0, "127.0.0.1", () => {
      const { port } = server.address() as AddressInfo;
      server.close(() => resolve(port));
    });
  });
}
