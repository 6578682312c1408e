/**
 * Whether a lame duck under load loses a request.
 * @module
 */
import { setTimeout as sleep } from "node:timers/promises";
import { busServers } from "../_bus_servers.ts";
import { type Candidate, orCrash } from "../_candidates.ts";
import { type Connection, openConnection } from "../_http_client.ts";
import { startProgram } from "../_programs.ts";
import type { Figure } from "../_report.ts";
import type { Runtime } from "../_runtimes.ts";

const lameDuckMs = 2000;
const wantedTries = 10_000;
const mostRuns = 10;
const clients = 16;

// So long the clients are at work before the signal comes.
const beforeMs = 200;

/** Requests that were begun between SIGTERM and the end of the lame duck, and what became of them. */
interface Tries {
  tries: number;
  lost: number;
  /** Whose answer says that the connection closes. */
  told: number;
}

/** Loads each server, signals it, and does so again until there were enough tries. */
export async function lameDuck(runtimes: readonly Runtime[]): Promise<Figure> {
  const found: {
    readonly candidate: Candidate;
    readonly sum: Tries | undefined;
  }[] = [];
  for (const candidate of busServers(runtimes, String(lameDuckMs))) {
    found.push({
      candidate,
      sum: await orCrash(candidate, () => measure(candidate)),
    });
  }
  return {
    title: "Lame duck under load",
    says:
      `Requests that ${clients} clients send from SIGTERM to the end of a lame duck of ${lameDuckMs} ms, one after ` +
      "another as fast as the answers come, half of them with pauses of up to 20 ms, on connections that they keep until " +
      "an answer says that it closes: how many were refused, reset or not answered to the end. That is done again with " +
      "fresh servers until there are enough of them.",
    tables: [{
      columns: ["server", "runtime", "requests", "lost", "said to close"],
      rows: found.map(({ candidate: { name, runtime }, sum }) => [
        name,
        runtime.name,
        ...(sum === undefined ? ["crashes", "", ""] : [sum.tries, sum.lost, sum.told].map(String)),
      ]),
    }],
    limits: found.flatMap(({ candidate: { name, runtime }, sum }) => [
      {
        name: `${name} on ${runtime.name}: lost`,
        found: sum?.lost ?? NaN,
        atMost: 0,
        unit: "",
      },
      {
        name: `${name} on ${runtime.name}: sent`,
        found: sum?.tries ?? NaN,
        atLeast: wantedTries,
        unit: "",
      },
    ]),
  };
}

async function measure(candidate: Candidate): Promise<Tries> {
  const sum: Tries = { tries: 0, lost: 0, told: 0 };
  for (let run = 0; run < mostRuns && sum.tries < wantedTries; run++) {
    const running = await startProgram(candidate);
    const port = Number(running.ready.split(" ")[1]);
    const watch = { from: Infinity, until: Infinity };
    const load = Array.from(
      { length: clients },
      (_, index) => sendUntilOver(port, { watch, sum, pauses: index % 2 === 0 }),
    );
    await sleep(beforeMs);
    watch.from = running.terminate();
    watch.until = watch.from + lameDuckMs;
    await Promise.all(load);
    await running.waitForEnd();
  }
  return sum;
}

interface Load {
  readonly watch: { readonly from: number; readonly until: number };
  readonly sum: Tries;
  readonly pauses: boolean;
}

async function sendUntilOver(
  port: number,
  { watch, sum, pauses }: Load,
): Promise<void> {
  let connection: Connection | undefined;
  while (performance.now() < watch.until) {
    if (pauses) await sleep(Math.random() * 20);
    const beganAt = performance.now();
    if (beganAt >= watch.until) break;
    const counts = beganAt > watch.from;
    if (counts) sum.tries++;
    try {
      connection ??= await openConnection(port);
      const { whole, closes } = await connection.get("/");
      if (counts && !whole) sum.lost++;
      if (counts && closes) sum.told++;
      if (whole && !closes) continue;
    } catch {
      if (counts) sum.lost++;
    }
    connection?.destroy();
    connection = undefined;
  }
  connection?.destroy();
}
