/**
 * How long a server takes to end when a request is in flight, and what its clients see of it.
 * @module
 */
import { setTimeout as sleep } from "node:timers/promises";
import { busServers } from "../_bus_servers.ts";
import { bestOf, byRuntime, type Candidate, everywhere, orCrash } from "../_candidates.ts";
import { type Result, resultsOf } from "../_candidates.ts";
import { openConnection } from "../_http_client.ts";
import { barChart } from "../_plot.ts";
import { startProgram } from "../_programs.ts";
import type { Figure, Table } from "../_report.ts";
import { interleave } from "../_rounds.ts";
import type { Runtime } from "../_runtimes.ts";
import { requestMs } from "../programs/drain_app.ts";

const rounds = 5;
const limitMs = 100;
const watchedMs = 8000;

// A connection that has just been accepted has a second for its first request; this one is silent for longer.
const silentMs = 1100;

// Who has not ended so long after its answer is left to itself while the others are measured: it does nothing but wait.
const aloneMs = 400;

const peers: Readonly<Record<string, string>> = {
  "bare": "drain_bare",
  "http-terminator": "drain_http_terminator",
  "http-graceful-shutdown": "drain_http_graceful_shutdown",
  "srvx": "drain_srvx",
  "stoppable": "drain_stoppable",
  "terminus": "drain_terminus",
  "fastify": "drain_fastify",
};

/** All milliseconds are from SIGTERM on; the rest is 1 for yes and 0 for no. */
type Seen = Readonly<
  Record<"exit" | "answer" | "whole" | "closes" | "idle" | "silent", number>
>;

/** Drains each once a round, each in a process of its own. */
export async function drain(runtimes: readonly Runtime[]): Promise<Figure> {
  const candidates = [...busServers(runtimes), ...everywhere(runtimes, peers)];
  const started = await interleave(candidates, {
    rounds,
    measure: (candidate) => orCrash(candidate, () => measure(candidate)),
  });
  const seen = await Promise.all(
    started.map((of) => Promise.all(of.map((one) => one?.seen))),
  );
  const exits = resultsOf(candidates, seen, "exit");
  const beyond = resultsOf(
    candidates,
    seen.map((of) => of.map((one) => one && { beyond: one.exit - one.answer })),
    "beyond",
  );
  const names = [...new Set(candidates.map(({ name }) => name))];
  return {
    title: "Drain with a request in flight",
    says:
      `Milliseconds from SIGTERM to the end of the process, best of ${rounds} rounds and the worst, each with a fresh ` +
      `process. A client with a kept-alive connection has sent a request just before, which takes ${requestMs} ms; ` +
      "another keeps an idle one, and a third has connected a second before and sent nothing. They are like those " +
      "of a pool: they close where an answer says so, and do not look otherwise whether the server has closed, until they need the " +
      "connection again. (For a client that does look, stoppable and terminus end with the request as well.) " +
      '"Beyond the request" is what comes after the last byte of the answer has arrived. "bare" is close() of ' +
      `node:http. srvx, stoppable and terminus are given 3 s, which are whole seconds for srvx; what is alive after ` +
      `${watchedMs / 1000} s is ended by the bench.`,
    tables: [
      byRuntime(exits, { unit: "ms", caption: "From SIGTERM" }),
      byRuntime(beyond, {
        unit: "ms",
        caption: "Beyond the request",
        ratios: false,
      }),
      clientTable(candidates, seen),
    ],
    limits: beyond.filter(({ name }) => name.startsWith("sitebus")).map((
      result,
    ) => ({
      name: `${result.name} on ${result.runtime.name}: beyond the request`,
      found: bestOf(beyond, result),
      atMost: limitMs,
      unit: "ms",
    })),
    plot: { file: "drain_time.svg", svg: plot(runtimes, names, exits) },
  };
}

interface Measured {
  readonly seen: Promise<Seen>;
}

// In an object: the next one is measured while this one may still wait for its end.
async function measure(candidate: Candidate): Promise<Measured> {
  const running = await startProgram(candidate);
  const port = Number(running.ready.split(" ")[1]);
  const open = () => openConnection(port);
  const silent = await open();
  await sleep(silentMs);
  const [busy, idle] = [await open(), await open()] as const;
  await Promise.all([busy.get("/"), idle.get("/")]);
  const answered = busy.get("/slow");
  await running.waitForLine("working");
  const signalledAt = running.terminate();
  const exited = running.waitForEnd();
  exited.catch(() => {});
  const answer = await answered;
  await sleep(30);
  const [idleClosed, silentClosed] = [idle.ended(), silent.ended()];
  const all = async (): Promise<Seen> => {
    const end = await Promise.race([exited, sleep(watchedMs)]);
    if (end === undefined) running.kill();
    for (const connection of [busy, idle, silent]) connection.destroy();
    return {
      exit: end === undefined ? Infinity : end.at - signalledAt,
      answer: answer.at - signalledAt,
      whole: Number(answer.whole),
      closes: Number(answer.closes),
      idle: Number(idleClosed),
      silent: Number(silentClosed),
    };
  };
  const seen = all();
  await Promise.race([seen, sleep(aloneMs)]);
  return { seen };
}

function clientTable(
  candidates: readonly Candidate[],
  seen: readonly (readonly (Seen | undefined)[])[],
): Table {
  const yes = (index: number, key: keyof Seen) =>
    seen[index]?.every((one) => one?.[key] === 1) ? "yes" : "no";
  return {
    caption: "What the clients see, in every round; idle and silent: closed when the answer has come",
    columns: [
      "program",
      "runtime",
      "answer is whole",
      "says it closes",
      "idle is closed",
      "silent is closed",
    ],
    rows: candidates.map(({ name, runtime }, index) => [
      name,
      runtime.name,
      ...(["whole", "closes", "idle", "silent"] as const).map((key) => yes(index, key)),
    ]),
  };
}

function plot(
  runtimes: readonly Runtime[],
  names: readonly string[],
  exits: readonly Result[],
): string {
  return barChart({
    title: "SIGTERM while a request is in flight",
    description:
      "Seconds until the process ends, with clients that keep their connections unless told otherwise.",
    unit: "s",
    most: watchedMs / 1000,
    series: runtimes.map(({ name }) => name),
    mark: { at: requestMs / 1000, text: "the request ends" },
    rows: names.map((name) => ({
      name: name === "bare" ? "server.close()" : name,
      bars: runtimes.map((runtime) => {
        const result = exits.find((one) => one.name === name && one.runtime === runtime);
        if (result === undefined) return "";
        return Number.isNaN(result.best) ? "crashes" : result.best / 1000;
      }),
    })),
  });
}
