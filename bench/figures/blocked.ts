/**
 * What a process costs while its bus is blocked.
 * @module
 */
import { setTimeout as sleep } from "node:timers/promises";
import { byRuntime, type Candidate, everywhere, type Result, results } from "../_candidates.ts";
import { type Difference, difference, readCounts } from "../_proc.ts";
import { startProgram } from "../_programs.ts";
import { digits, type Figure, type Limit } from "../_report.ts";
import { spread } from "../_rounds.ts";
import type { Runtime } from "../_runtimes.ts";

const rounds = 5;
const limitMs = 10;

const programs = { "sitebus": "blocked_bus", "bare": "blocked_bare" };

// Inside the window between the two timers of the bench itself.
const countFromMs = 1500;
const countMs = 9000;

interface Cost {
  readonly cpuMs: number;
  readonly fired: number;
  readonly counts: Difference | undefined;
}

/** Runs all programs of a round side by side: they sleep, and what is counted is each one's own. */
export async function blocked(runtimes: readonly Runtime[]): Promise<Figure> {
  const candidates = everywhere(runtimes, programs);
  const costs = candidates.map((): Cost[] => []);
  for (let left = rounds; left > 0; left--) {
    const started = [];
    for (const candidate of candidates) started.push(await start(candidate));
    const round = await Promise.all(started.map(({ cost }) => cost));
    round.forEach((cost, index) => costs[index]?.push(cost));
  }
  const all = results(
    candidates,
    costs.map((of) => of.map(({ cpuMs }) => cpuMs)),
  );
  const counted = (index: number, pick: (cost: Cost) => number | undefined) =>
    spread((costs[index] ?? []).map((cost) => pick(cost) ?? NaN)).best;
  return {
    title: "Blocked for ten seconds",
    says:
      `CPU milliseconds of the whole process, by its own process.cpuUsage(), between the first and the eleventh ` +
      `second of \`await bus.block()\`, best of ${rounds} rounds. "bare" is a setInterval of 2 ** 30 ms, the cheapest ` +
      "that keeps each runtime alive. What a runtime does for itself is in both: most of Bun's is the garbage " +
      'collector, which wakes up every second. "woken" is how often the main thread, or any thread, went to sleep in ' +
      `${countMs} ms of them (/proc, from outside), and "/proc" the CPU milliseconds that Linux counts ` +
      'meanwhile, in steps of 10. "fired" is how often a timer of the program\'s own ran, in the round with most.',
    tables: [byRuntime(all, { unit: "ms", caption: "CPU" }), {
      caption: "The rest, best of the rounds",
      columns: [
        "program",
        "runtime",
        "/proc, ms",
        "woken, main",
        "woken, any",
        "fired",
      ],
      rows: all.map(({ runtime, name }, index) => [
        name,
        runtime.name,
        digits(counted(index, ({ counts }) => counts?.cpuMs)),
        digits(counted(index, ({ counts }) => counts?.mainWoken)),
        digits(counted(index, ({ counts }) => counts?.anyWoken)),
        digits(mostFired(costs[index])),
      ]),
    }],
    limits: all.flatMap((result, index) =>
      result.name === "sitebus" ? limits(result, mostFired(costs[index])) : []
    ),
  };
}

function mostFired(costs: readonly Cost[] = []): number {
  return Math.max(...costs.map(({ fired }) => fired));
}

function limits({ runtime, best }: Result, fired: number): Limit[] {
  return [
    {
      name: `CPU while blocked on ${runtime.name}`,
      found: best,
      atMost: limitMs,
      unit: "ms",
    },
    {
      name: `timers fired while blocked on ${runtime.name}`,
      found: fired,
      atMost: 0,
      unit: "",
    },
  ];
}

// The next program starts meanwhile: hence a promise in an object, which nothing awaits by accident.
async function start(
  candidate: Candidate,
): Promise<{ readonly cost: Promise<Cost> }> {
  const running = await startProgram(candidate);
  const cost = async (): Promise<Cost> => {
    await sleep(countFromMs);
    const before = readCounts(running.pid);
    await sleep(countMs);
    const after = readCounts(running.pid);
    const { text } = await running.waitForLine("cpu");
    running.kill();
    const [, cpuMs, fired] = text.split(" ").map(Number);
    return {
      cpuMs: cpuMs ?? NaN,
      fired: fired ?? NaN,
      counts: difference(running.pid, before, after),
    };
  };
  return { cost: cost() };
}
