/**
 * The times and the paths of the health that `sitebus serve` has, alone or as a site with workers. It loads no server.
 * @module
 */
import type { ProcessBus } from "../mod.ts";
import type { HealthOptions } from "../components/http/health.ts";
import type { Health } from "./_values.ts";
import { DRAIN_SHARE, type ServeOptions } from "./serve_options.ts";

/** Milliseconds that hosts usually give a process to stop; a longer `--stop-within` says that the host gives more. */
export const GRACE_MS = 30_000;

/** Shares the time of the stop out to its states. Nothing extends it: whoever runs the process relies on it. */
export function limitsOf(
  { startWithin, stopWithin }: Pick<ServeOptions, "startWithin" | "stopWithin">,
): Pick<ConstructorParameters<typeof ProcessBus>[0], "deadlines" | "atMost"> {
  const start = { start: startWithin };
  const { drain, stop, exit, settle } = stopTimes(stopWithin);
  return { deadlines: { ...start, drain, stop, exit, settle }, atMost: { ...start, drain, stop, exit } };
}

/** What each state of the stop has of its time, in milliseconds. */
export function stopTimes(
  ms: number,
): Readonly<Record<"drain" | "stop" | "exit" | "settle", number>> {
  return { drain: ms * DRAIN_SHARE, stop: ms * 0.15, exit: ms * 0.1, settle: ms * 0.05 };
}

/** The paths of the health, and the port where it has one of its own. */
export function pathsOf(
  { prefix, port }: Health,
  host: string,
): Omit<HealthOptions, "bus"> {
  const [livez, readyz, startupz] = [`${prefix}/livez`, `${prefix}/readyz`, `${prefix}/startupz`];
  return { livez, readyz, startupz, ...port === undefined ? {} : { port, host } };
}
