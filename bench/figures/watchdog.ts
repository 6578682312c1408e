/**
 * What a watchdog costs, and how soon it ends a process that stands still.
 * @module
 */
import { setTimeout as sleep } from "node:timers/promises";
import { bestOf, byRuntime, type Candidate, everywhere, orCrash, resultsOf } from "../_candidates.ts";
import { type Counts, readCounts } from "../_proc.ts";
import { startProgram } from "../_programs.ts";
import type { Figure } from "../_report.ts";
import { interleave } from "../_rounds.ts";
import type { Runtime } from "../_runtimes.ts";

const rounds = 3;
const stuckMs = 3000;
/** The event loop says so often that it turns. */
const periodMs = stuckMs / 3;
const countFromMs = 1500;
const countMs = 9000;
const deadlineMs = 1000;
const limits = { always: 3, stop: 1, beyond: 500 };

const programs = {
  "bare: no watchdog": "watchdog without",
  "sitebus: in a stop": "watchdog stop",
  "sitebus: always": `watchdog always ${stuckMs}`,
};

type Measured = Readonly<Record<"woken" | "beyond", number>>;

/** Counts the wakeups of each program, one after another; those with a watchdog are then stopped. */
export async function watchdog(runtimes: readonly Runtime[]): Promise<Figure> {
  const candidates = everywhere(runtimes, programs);
  const numbers = await interleave(candidates, {
    rounds,
    measure: (candidate) => orCrash(candidate, () => measure(candidate)),
  });
  const woken = resultsOf(candidates, numbers, "woken");
  const beyond = resultsOf(candidates, numbers, "beyond").filter(({ name }) => !name.startsWith("bare"));
  const over = (runtime: Runtime, name: keyof typeof programs) =>
    bestOf(woken, { runtime, name }) -
    bestOf(woken, { runtime, name: "bare: no watchdog" });
  return {
    title: "A watchdog",
    says:
      `How often a thread of the process goes to sleep in ${periodMs} ms while the bus is blocked, threads that began later ` +
      `included, best of ${rounds} rounds of ${countMs} ms. With "stuckMs: ${stuckMs}" the event loop says once in ` +
      `${periodMs} ms that it turns. Then the bus is stopped, and a listener never gives the thread back: how many ` +
      `milliseconds the process lives beyond the deadline of ${deadlineMs} ms, from the listener's first line on.`,
    tables: [
      byRuntime(woken, { unit: "", caption: `Wakeups in ${periodMs} ms` }),
      byRuntime(beyond, {
        unit: "ms",
        caption: "Beyond the deadline",
        ratios: false,
      }),
    ],
    limits: runtimes.flatMap((runtime) => [
      {
        name: `wakeups of a watchdog at any time, over the runtime's own, on ${runtime.name}`,
        found: over(runtime, "sitebus: always"),
        atMost: limits.always,
        unit: "",
      },
      {
        name: `wakeups of a watchdog for the stop, over the runtime's own, on ${runtime.name}`,
        found: over(runtime, "sitebus: in a stop"),
        atMost: limits.stop,
        unit: "",
      },
      {
        name: `a stuck process beyond its deadline, on ${runtime.name}`,
        found: Math.min(
          ...beyond.filter((one) => one.runtime === runtime).map(({ best }) => best),
        ),
        atMost: limits.beyond,
        unit: "ms",
      },
    ]),
  };
}

async function measure(candidate: Candidate): Promise<Measured> {
  const running = await startProgram(candidate);
  await sleep(countFromMs);
  const before = readCounts(running.pid);
  await sleep(countMs);
  const woken = wokenBetween(before, readCounts(running.pid)) * periodMs / countMs;
  if (candidate.name.startsWith("bare")) {
    running.kill();
    return { woken, beyond: NaN };
  }
  running.terminate();
  const { at: since } = await running.waitForLine("stopping");
  // The last words; a process that SIGKILL has ended counts as one that does not end.
  const { at } = await running.waitForLine("bench: error: The process is ended by force");
  return { woken, beyond: at - since - deadlineMs };
}

/** How often the threads of a process went to sleep between two readings; those that have ended meanwhile are left out. */
function wokenBetween(before: Counts | undefined, after: Counts | undefined): number {
  const woken = [...after?.sleeps ?? []].map(([thread, count]) => count - (before?.sleeps.get(thread) ?? 0));
  return after === undefined ? NaN : woken.reduce((sum, one) => sum + one, 0);
}
