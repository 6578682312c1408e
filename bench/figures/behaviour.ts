/**
 * What happens at SIGTERM where a stop listener does what it should not.
 * @module
 */
import { setTimeout as sleep } from "node:timers/promises";
import { sideBySide } from "../../scripts/command.ts";
import { type Candidate, everywhere, orCrash } from "../_candidates.ts";
import { barChart } from "../_plot.ts";
import { startProgram } from "../_programs.ts";
import { digits, type Figure, type Table } from "../_report.ts";
import type { Runtime } from "../_runtimes.ts";

const graceMs = 1000;
const secondAfterMs = 600;
const watchedMs = 4000;
const limitMs = 300;

const programs: Readonly<Record<string, string>> = {
  "sitebus": "stop_bus",
  "bare": "stop_bare",
  "close-with-grace": "stop_close_with_grace",
  "fastify + close-with-grace": "stop_fastify",
  "exit-hook": "stop_exit_hook",
  "async-exit-hook": "stop_async_exit_hook",
  "node-graceful": "stop_node_graceful",
  "terminus": "stop_terminus",
  "http-graceful-shutdown": "stop_http_graceful_shutdown",
  "Nest": "stop_nest",
  "Effect": "stop_effect",
};

const cases = {
  prompt: "The listener does its work",
  throws: "The listener throws",
  hung: "The listener hangs",
  again: "The listener hangs, and a second SIGTERM comes",
} as const;
type Case = keyof typeof cases;

/** How it came out: seconds and how it ended, or that it was alive when the watch was over. */
interface Outcome {
  readonly seconds: number;
  readonly end: string;
}

interface Found extends Candidate {
  readonly how: Case;
  /** None where it crashes as it begins. */
  readonly outcome: Outcome | undefined;
}

/** Runs each case once; as they do nothing but wait, some at a time. */
export async function behaviour(runtimes: readonly Runtime[]): Promise<Figure> {
  const tasks = everywhere(runtimes, programs).flatMap((candidate) =>
    (Object.keys(cases) as Case[]).map((how) => async (): Promise<Found> => {
      const outcome = await orCrash(candidate, () => measure(candidate, how));
      return { ...candidate, how, outcome };
    })
  );
  const found = await sideBySide(tasks, 4);
  const own = found.filter(({ name, how }) => name === "sitebus" && (how === "hung" || how === "again"));
  return {
    title: "Behaviour on SIGTERM",
    says:
      `Seconds from SIGTERM to the end of the process, and its exit code, or the signal that ended it, where the one ` +
      `stop listener does its work at once, rejects, or never settles, with something open that keeps the process ` +
      `alive, as a connection does; the last has a second SIGTERM after ${secondAfterMs} ms. The deadline is ` +
      `${graceMs} ms wherever it can be set, and what is alive after ${watchedMs} ms is ended by the bench. "bare" is ` +
      'process.on("SIGTERM") with a timer that calls ' +
      "process.exit. terminus and http-graceful-shutdown have a deadline for sockets alone; Nest and Effect have none. " +
      "One round: these are decisions, not speeds.",
    tables: (Object.keys(cases) as Case[]).map((how) => tableOf(runtimes, found, how)),
    limits: own.map(({ runtime, how, outcome }) => ({
      name: `${how === "hung" ? "beyond the deadline" : "beyond the second signal"} on ${runtime.name}`,
      found: (outcome?.seconds ?? NaN) * 1000 -
        (how === "hung" ? graceMs : secondAfterMs),
      atMost: limitMs,
      unit: "ms",
    })),
    plot: {
      file: "hung_listener.svg",
      svg: barChart({
        title: "SIGTERM while a stop listener hangs",
        description: `Seconds until the process ends. The deadline is ${
          graceMs / 1000
        } s wherever it can be set.`,
        unit: "s",
        most: watchedMs / 1000,
        series: runtimes.map(({ name }) => name),
        mark: { at: graceMs / 1000, text: "deadline" },
        rows: Object.keys(programs).map((name) => ({
          name,
          bars: runtimes.map((runtime) => {
            const one = found.find((one) =>
              one.runtime === runtime && one.name === name && one.how === "hung"
            );
            return one?.outcome === undefined ? "crashes as it starts" : one.outcome.seconds;
          }),
        })),
      }),
    },
  };
}

function tableOf(
  runtimes: readonly Runtime[],
  found: readonly Found[],
  how: Case,
): Table {
  const cells = (name: string, runtime: Runtime): string[] => {
    const one = found.find((one) => one.name === name && one.runtime === runtime && one.how === how);
    if (one?.outcome === undefined) return ["crashes", ""];
    const { seconds, end } = one.outcome;
    return [Number.isFinite(seconds) ? digits(seconds) : "alive", end];
  };
  return {
    caption: cases[how],
    columns: [
      "",
      ...runtimes.flatMap(({ name }) => [`${name}, s`, "ends with"]),
    ],
    rows: Object.keys(programs).map((
      name,
    ) => [name, ...runtimes.flatMap((runtime) => cells(name, runtime))]),
  };
}

async function measure(candidate: Candidate, how: Case): Promise<Outcome> {
  const manner = how === "again" || how === "hung" ? "hung-with-timer" : how;
  const running = await startProgram({
    ...candidate,
    args: [manner, String(graceMs)],
  });
  const signalledAt = running.terminate();
  const ended = running.waitForEnd();
  if (how === "again") {
    void sleep(secondAfterMs).then(() => running.terminate());
  }
  const end = await Promise.race([ended, sleep(watchedMs)]);
  if (end === undefined) {
    ended.catch(() => {});
    running.kill();
    return { seconds: Infinity, end: "" };
  }
  return {
    seconds: (end.at - signalledAt) / 1000,
    end: end.signal ?? String(end.code),
  };
}
