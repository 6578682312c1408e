/**
 * Whether a pool that is rolled under load loses a request.
 * @module
 */
import process from "node:process";
import { setTimeout as sleep } from "node:timers/promises";
import { type Candidate, everywhere, orCrash } from "../_candidates.ts";
import { spawnProgram } from "../_programs.ts";
import type { Figure } from "../_report.ts";
import { type Counts, type Kind, loadPort } from "../_roll_load.ts";
import type { Runtime } from "../_runtimes.ts";

/** A thousand are for a machine of one's own: BENCH_ROLLS=1000. */
const rolls = Number(process.env["BENCH_ROLLS"] ?? 50);

/** So long the clients are at work before the first roll, in milliseconds. */
const beforeMs = 500;

/** A roll takes less than a second, on a machine that is not busy with something else. */
const mostMs = 30_000 + rolls * 20_000;

type Found = Readonly<Record<Kind, Counts>>;

/** Loads each site, and rolls it meanwhile. */
export async function roll(runtimes: readonly Runtime[]): Promise<Figure> {
  const candidates = [
    ...everywhere(runtimes, { sitebus: `roll_site ${rolls}` }),
    // It loses requests, and on Deno and Bun it does not share a port at all.
    ...everywhere(runtimes.filter(({ name }) => name === "Node"), {
      "node:cluster": `roll_cluster ${rolls}`,
    }),
  ];
  const found: {
    readonly candidate: Candidate;
    readonly counts: Found | undefined;
    readonly ms: number;
  }[] = [];
  for (const candidate of candidates) {
    const measured = await orCrash(candidate, () => measure(candidate));
    found.push({
      candidate,
      counts: measured?.counts,
      ms: measured?.ms ?? NaN,
    });
  }
  const sum = (counts: Found | undefined, field: keyof Counts) =>
    counts === undefined ? NaN : Object.values(counts).reduce((all, one) => all + one[field], 0);
  return {
    title: "Rolls under load",
    says:
      `${rolls} rolls of two workers, one after the other, under steady clients: 8 that connect anew for each request, 40 that keep ` +
      "their connections, 2 that post 1 MB, 10 with a stream of events that ends when its worker drains. Failed is what was refused, " +
      "reset, cut or not 200 on a fresh connection, or silent for 5 s; cut is a request on a kept connection that the worker had closed. " +
      "The workers of node:cluster are disconnected as its documentation says, after their successors listen.",
    tables: [{
      columns: ["site", "runtime", "answered", "failed", "cut", "ms a roll"],
      rows: found.map(({ candidate: { name, runtime }, counts, ms }) => [
        name,
        runtime.name,
        ...counts === undefined ? ["crashes", "", "", ""] : [
          sum(counts, "answered"),
          sum(counts, "failed"),
          sum(counts, "cut"),
          Math.round(ms),
        ].map(String),
      ]),
    }],
    limits: found.filter(({ candidate }) => candidate.name === "sitebus")
      .flatMap(({ candidate: { runtime }, counts }) => [
        {
          name: `failed on ${runtime.name}`,
          found: sum(counts, "failed"),
          atMost: 0,
          unit: "",
        },
        {
          name: `cut on ${runtime.name}`,
          found: sum(counts, "cut"),
          atMost: 0,
          unit: "",
        },
      ]),
  };
}

async function measure(
  candidate: Candidate,
): Promise<{ readonly counts: Found; readonly ms: number }> {
  const program = spawnProgram(candidate, mostMs);
  const { text } = await program.waitForLine("ready");
  const end = loadPort(Number(text.split(" ")[1]), false);
  await sleep(beforeMs);
  const since = performance.now();
  process.kill(program.pid, "SIGUSR2");
  await program.waitForLine("rolled");
  const ms = (performance.now() - since) / rolls;
  const counts = await end();
  program.terminate();
  await program.waitForEnd();
  return { counts, ms };
}
