/**
 * The status of a process as a page for a terminal.
 * @module
 */
import type { ControlStatus, PendingStatus } from "../../components/control.ts";
import { countText, oneLine } from "../../components/log/plain_text.ts";
import { memoryText, tableLines, timeText } from "./texts.ts";

/** The page, without its last line end. */
export function statusText(status: ControlStatus): string {
  const { components, units, pending, lastRoll, degraded = [] } = status;
  return [
    ...headLines(status),
    ...degraded.map(({ pool, restarts, since }) =>
      oneLine(
        `pool "${pool}" is degraded for ${
          ago(since)
        }: ${restarts} of its units were replaced, more than may be`,
      )
    ),
    ...pending.length === 0 ? [] : ["", "waits for", ...pending.map(pendingLine)],
    ...components.length === 0 ? [] : [
      "",
      ...tableLines([
        ["COMPONENT", "STATE", "TOOK", "CHECK", "WAITS FOR"],
        ...components.map(({ name, state, ms, check, waitsFor = [] }) => [
          name,
          state,
          ms === undefined ? "" : timeText(ms),
          check ?? "",
          waitsFor.join(", "),
        ]),
      ]),
    ],
    ...units.length === 0 ? [] : [
      "",
      ...tableLines([
        ["UNIT", "KIND", "PID", "STATE", "SINCE", "GENERATION", "MEMORY", "REQUESTS"],
        ...units.map(({ name, kind, pid, state, sinceMs, generation, memory, inFlight }) => [
          name,
          kind,
          pid === undefined ? "" : `${pid}`,
          state,
          sinceMs === undefined ? "" : timeText(sinceMs),
          `${generation}`,
          memory === undefined ? "" : memoryText(memory),
          inFlight === undefined ? "" : `${inFlight}`,
        ]),
      ]),
    ],
    ...lastRoll === undefined ? [] : ["", `last roll: ${oneLine(rollText(lastRoll))}`],
  ].join("\n");
}

function headLines(status: ControlStatus): string[] {
  const { name, pid, state, settled, sinceMs, uptimeMs, ready, goal, leftMs, inFlight, memory } = status;
  const { generation, runtime, platform, version } = status;
  const towards = goal === undefined || goal === state || settled ? "" : `, on its way to ${goal}`;
  const left = leftMs === undefined || settled ? "" : `, ${timeText(leftMs)} left`;
  const facts = [
    ...version === undefined ? [] : [`version ${version}`],
    runtime,
    ...platform === undefined ? [] : [platform],
    `up ${timeText(uptimeMs)}`,
    ...memory === undefined ? [] : [memoryText(memory)],
    ...generation === 0 ? [] : [`generation ${generation}`],
    ...inFlight === undefined ? [] : [`${countText(inFlight, "request")} in flight`],
  ];
  return [
    oneLine(
      `${name}, process ${pid}: ${state} for ${timeText(sinceMs)}${towards}${left}, ${
        ready ? "ready" : "not ready"
      }`,
    ),
    oneLine(facts.join(", ")),
  ];
}

/** The late calls: since when, how much time is left, and what will be cut. */
export function pendingLine({ name, state, pendingMs, leftMs, requests }: PendingStatus): string {
  const what = state === "hold" ? `"${name}", which is held,` : `"${name}" on "${state}"`;
  const flight = requests === undefined ? "" : `, ${countText(requests, "request")} in flight`;
  const cut = leftMs === undefined ? "" : leftMs <= 0 ? ", its time is over" : `, cut in ${timeText(leftMs)}`;
  return `  ${oneLine(what)} for ${timeText(pendingMs)}${flight}${cut}`;
}

type Roll = NonNullable<ControlStatus["lastRoll"]>;

function rollText({ pool, ok, ms, error, at }: Roll): string {
  const how = ok ? `done in ${timeText(ms)}` : `failed after ${timeText(ms)}: ${error}`;
  return `"${pool}" ${how}, ${ago(at)} ago`;
}

function ago(since: number): string {
  return timeText(Math.max(0, Date.now() - since));
}
