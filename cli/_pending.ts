/**
 * What a bus waits for while it starts or stops, in lines for a person.
 * @module
 */
import type { BusReport } from "../mod.ts";

/** What is not in the report of a bus. */
export interface PendingOptions {
  /** How many lines there is room for. */
  readonly rows: number;
  /** How many requests a component has not answered to their end, where it counts them. */
  readonly requestsOf: (component: string) => number | undefined;
}

const DOING = { start: "starting", drain: "draining", stop: "stopping" } as const;
const CHANNELS = ["enter", "start", "drain", "stop", "exit"] as const;

/** A line for each component and listener that is at work or waits for others, the longest at work first. */
export function pendingLines(report: BusReport, { rows, requestsOf }: PendingOptions): string[] {
  const { components = [] } = report;
  const names = new Set(components.map(({ name }) => name));
  const lines = runningOf(report).map(({ channel, name, ms }) => {
    const doing = names.has(name) ? DOING[channel as keyof typeof DOING] : undefined;
    const requests = doing === "draining" ? requestsOf(name) || undefined : undefined;
    const what = [
      doing === undefined ? `"${name}" on "${channel}"` : name,
      channel === report.state ? "is" : "is still",
      doing ?? "running",
    ].join(" ");
    const count = requests === undefined
      ? ""
      : `${requests} ${requests === 1 ? "request" : "requests"} in flight, `;
    return `${what}, ${count}${durationText(ms)}`;
  });
  for (const { name, waitsFor } of components) {
    if (waitsFor) lines.push(`${name} waits for ${listText(waitsFor)}`);
  }
  if (lines.length <= rows) return lines;
  if (rows < 2) return rows < 1 ? [] : [`${lines.length} are pending`];
  return [...lines.slice(0, rows - 1), `and ${lines.length - rows + 1} more`];
}

/** Something that was called and has not settled. */
export interface Running {
  readonly channel: string;
  readonly name: string;
  /** For how long, in milliseconds. */
  readonly ms: number;
}

/** What is at work in the states of a start and a stop, the longest first. */
export function runningOf({ channels }: BusReport): Running[] {
  const found = new Map<string, Running>();
  for (const channel of CHANNELS) {
    for (const { name, running: ms } of channels[channel] ?? []) {
      // A component may be waited for twice: for its `drain`, and for the end of its `run`.
      const key = `${channel} ${name}`;
      if (ms !== undefined && ms > (found.get(key)?.ms ?? -1)) found.set(key, { channel, name, ms });
    }
  }
  return [...found.values()].sort((a, b) => b.ms - a.ms);
}

function listText(names: readonly string[]): string {
  return names.length > 3 ? `${names.slice(0, 2).join(", ")} and ${names.length - 2} more` : names.join(", ");
}

/** A time that passes, such as "1.2 s" or "3 min 5 s". */
export function durationText(ms: number): string {
  if (ms < 60_000) return `${(Math.floor(ms / 100) / 10).toFixed(1)} s`;
  return `${Math.floor(ms / 60_000)} min ${Math.floor(ms / 1000) % 60} s`;
}
