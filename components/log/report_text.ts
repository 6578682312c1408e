/**
 * The report of a bus as a person reads it: one line for the bus, then one for each component and each pending call.
 * @module
 */
import type { BusReport } from "../../src/bus.ts";
import type { LogRecord } from "../../src/records.ts";
import { listText, type LoggedCall } from "./pending.ts";
import { countText, durationText, oneLine } from "./plain_text.ts";

/** The lines of a record of the event `inspect`, the first without indentation. */
export function reportLines(record: LogRecord): string[] {
  const { report, pending } = record as LogRecord & { report?: BusReport; pending?: readonly LoggedCall[] };
  if (!report) return [record.message];
  const { components = [], held = [] } = report;
  const calls = pending ?? [];
  const width = Math.max(0, ...components.map(({ name }) => oneLine(name).length));
  const names = new Set(components.map(({ name }) => name));
  const rows = components.map(({ name, status, ms, waitsFor }) => {
    const call = calls.find(({ listener }) => listener === name);
    const details = [
      call
        ? durationText(call.ms)
        : status === "up" && ms !== undefined
        ? `started in ${Math.round(ms)} ms`
        : status === "draining" && ms !== undefined
        ? `in ${Math.round(ms)} ms`
        : "",
      call?.requests !== undefined ? `${countText(call.requests, "request")} in flight` : "",
      waitsFor ? `waits for ${listText(waitsFor)}` : "",
    ].filter((text) => text !== "");
    // The bus has no word for it: its drain is over, and its stop has not begun.
    const shown = status === "draining" && !call && ms !== undefined ? "drained" : status;
    return `${oneLine(name).padEnd(width)}  ${shown.padEnd(8)}  ${details.join(", ")}`.trimEnd();
  });
  const others = calls.filter(({ listener, channel }) => channel !== "hold" && !names.has(listener)).map((
    { listener, channel, ms },
  ) => `"${listener}" on "${channel}" is running, ${durationText(ms)}`);
  const promises = held.map(({ name, ms }) => `"${name}" is held, ${durationText(ms)}`);
  return [headLine(record, report), ...[...rows, ...others, ...promises].map((row) => `    ${oneLine(row)}`)];
}

function headLine(record: LogRecord, { state, goal, generation, leftMs }: BusReport): string {
  const { by, name, pid, uptimeMs, inStateMs, requests } = record;
  const since = typeof inStateMs === "number" ? ` for ${durationText(inStateMs)}` : "";
  const asker = typeof name === "string"
    ? name
    : by === "error"
    ? "a failure"
    : by === "host"
    ? "the host"
    : "a call";
  const parts = [
    `state ${state}${since}`,
    goal === undefined ? "" : `on its way to ${goal}, asked by ${asker}`,
    typeof leftMs === "number" && Number.isFinite(leftMs) ? `${Math.ceil(leftMs / 1000)} s left` : "",
    typeof requests === "number" ? `${countText(requests, "request")} in flight` : "",
    generation ? countText(generation, "reload") : "",
    typeof pid === "number" && typeof uptimeMs === "number"
      ? `process ${pid}, up ${durationText(uptimeMs)}`
      : "",
  ];
  return parts.filter((part) => part !== "").join("; ");
}
