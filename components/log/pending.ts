/**
 * The calls that a bus waits for while it starts or stops, as data and as lines for a person.
 * @module
 */
import type { BusReport } from "../../src/bus.ts";
import type { PendingCall } from "../../src/records.ts";
import { countText, durationText } from "./plain_text.ts";

/** A call that has not settled; on the channel "hold" it is a promise that the bus holds. */
export interface LoggedCall extends PendingCall {
  /** How many requests it has in flight, where it is a server. */
  readonly requests?: number;
}

/** How many requests a component has in flight, by its name; undefined where it counts none. */
export type RequestsOf = (component: string) => number | undefined;

const DOING = { start: "starting", drain: "draining", stop: "stopping" } as const;
const CHANNELS = ["enter", "start", "drain", "stop", "exit"] as const;

/**
 * The calls that are pending in the states of a start and a stop, the longest first; while the bus drains, also the promises
 * that it holds.
 */
export function pendingCalls(
  { state, channels, held = [] }: BusReport,
  requestsOf: RequestsOf = () => undefined,
): LoggedCall[] {
  const found = new Map<string, LoggedCall>();
  for (const channel of CHANNELS) {
    for (const { name: listener, running: ms } of channels[channel] ?? []) {
      // A component may be waited for twice: for its `drain`, and for the end of its `run`.
      const key = `${channel} ${listener}`;
      if (ms === undefined || ms <= (found.get(key)?.ms ?? -1)) continue;
      const requests = requestsOf(listener);
      found.set(key, { channel, listener, ms, ...requests !== undefined && { requests } });
    }
  }
  const promises = state === "drain"
    ? held.map(({ name, ms }) => ({ listener: name, channel: "hold", ms }))
    : [];
  return [...found.values(), ...promises].sort((a, b) => b.ms - a.ms);
}

/** How many lines, and what is known of the servers. */
export interface PendingOptions {
  /** How many lines there is room for. Default: any number. */
  readonly rows?: number;
  /** How many requests a component has in flight. */
  readonly requestsOf?: RequestsOf;
}

/** A line for each pending component and listener, the longest first, then one for each component that waits for others. */
export function pendingLines(report: BusReport, options: PendingOptions = {}): string[] {
  const { rows = Infinity, requestsOf } = options;
  const { components = [] } = report;
  const names = new Set(components.map(({ name }) => name));
  const lines = pendingCalls(report, requestsOf).map((call) => {
    const { channel, listener, requests } = call;
    if (channel === "hold") return `"${listener}" is held, ${durationText(call.ms)}`;
    const doing = names.has(listener) ? DOING[channel as keyof typeof DOING] : undefined;
    const count = doing === "draining" && requests ? `${countText(requests, "request")} in flight, ` : "";
    const what = [
      doing === undefined ? `"${listener}" on "${channel}"` : listener,
      channel === report.state ? "is" : "is still",
      doing ?? "running",
    ].join(" ");
    return `${what}, ${count}${durationText(call.ms)}`;
  });
  for (const { name, waitsFor } of components) {
    if (waitsFor) lines.push(`${name} waits for ${listText(waitsFor)}`);
  }
  if (lines.length <= rows) return lines;
  if (rows < 2) return rows < 1 ? [] : [`${lines.length} are pending`];
  return [...lines.slice(0, rows - 1), `and ${lines.length - rows + 1} more`];
}

/** Puts names in a line: all of up to three, else two and how many more there are. */
export function listText(names: readonly string[]): string {
  return names.length > 3 ? `${names.slice(0, 2).join(", ")} and ${names.length - 2} more` : names.join(", ");
}
