/**
 * How the time that a host leaves after its notice is shared out among the states of the stop.
 * @module
 */
import { shareNotice } from "../../src/internal.ts";
import type { Traits } from "../../src/platform.ts";

/** The deadlines of the stop, in milliseconds. */
export interface StopDeadlines {
  readonly drain: number;
  readonly stop: number;
  readonly exit: number;
}

/**
 * The deadlines of `drain`, `stop` and `exit` that fit into the host's notice, so that the bus has nothing to warn of;
 * undefined where the host gives no notice. A host that calls one by one gives its notice between two invocations:
 * nothing is in flight then, so `stop` gets most of the time, and a tenth is left for a slow machine.
 */
export function stopDeadlines({ concurrency, notice }: Traits): StopDeadlines | undefined {
  if (notice === "none") return undefined;
  const { graceMs } = notice;
  if (concurrency === "one") return { drain: 0.1 * graceMs, stop: 0.6 * graceMs, exit: 0.2 * graceMs };
  // The same shares as the bus gives them when the notice comes.
  const { drain, stop, exit } = shareNotice(graceMs);
  return { exit, stop, drain: Math.min(10_000, drain) };
}
