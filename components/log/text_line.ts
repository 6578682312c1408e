/**
 * A record of a bus as a line for people.
 * @module
 */
import type { LogRecord } from "../../src/records.ts";
import type { LoggedCall } from "./pending.ts";
import { lineOf } from "./place.ts";
import { countText, durationText, oneLine, stackLines } from "./plain_text.ts";
import { reportLines } from "./report_text.ts";

/** How a piece of text may be shown. */
export type TextStyle = "bold" | "dim" | "red" | "yellow";

/** How lines are shown. */
export interface TextLineOptions {
  /** Shows a text in a style, on a terminal that has colours. Default: the text as it is. */
  readonly style?: (style: TextStyle, text: string) => string;
}

/**
 * The record as a line with its end; undefined where there is nothing to tell a person. Below a warning or an error that
 * belongs to no listener stands its stack.
 */
export function textLine(record: LogRecord, options: TextLineOptions = {}): string | undefined {
  const { style = (_: TextStyle, text: string) => text } = options;
  const { level, message, error, event, bus } = record;
  const prefix = style("dim", `${oneLine(bus)}:`);
  if (event === "inspect") {
    const [head = "", ...rows] = reportLines(record);
    return `${prefix} ${oneLine(head)}\n${rows.map((row) => `${row}\n`).join("")}`;
  }
  if (event === "exit" || event === "forced" || level === "info" || level === "debug") {
    const text = infoText(record);
    if (text === undefined) return undefined;
    const [, word = "", rest = ""] = /^(\S*)(.*)$/.exec(oneLine(text)) ?? [];
    return `${prefix} ${event === undefined ? word : style("bold", word)}${rest}\n`;
  }
  const kind = level === "warn" ? style("yellow", "warning:") : style("red", "error:");
  const failed = event === "failure";
  const line = `${prefix} ${kind} ${oneLine(failed ? failureText(record) : message)}\n`;
  return error === undefined || failed ? line : line + style("dim", stackLines(error));
}

const STATUS: Readonly<Record<string, string>> = { up: "is up", drained: "is drained", down: "is stopped" };

/** The line for a record that is neither a warning nor an error; undefined if it has none. */
function infoText(record: LogRecord): string | undefined {
  const { message, event, component, status, ms, url } = record;
  switch (event) {
    case "state":
    case "settled":
      return stateText(record);
    case "stopping":
      return stopText(record);
    case "signal":
      return record["folded"] === true ? message : undefined;
    case "exit":
      return exitText(record);
    case "forced":
      return forcedText(record);
    case "reload":
      return reloadText(record);
    default: {
      if (typeof component !== "string" || typeof status !== "string") return message;
      const time = typeof ms === "number" ? ` in ${Math.round(ms)} ms` : "";
      return `${component} ${STATUS[status] ?? `is ${status}`}${time}${
        url === undefined ? "" : ` at ${url}`
      }`;
    }
  }
}

function stateText(record: LogRecord): string | undefined {
  const { ms, ready, again, stopping } = record;
  if (ready === true) return `ready${again === true ? " again" : ""} in ${Math.round(Number(ms))} ms`;
  return stopping === true ? stopText(record) : undefined;
}

function stopText({ goal, by, name }: LogRecord): string {
  const doing = goal === "graceful"
    ? "starting all components anew"
    : goal === "restart"
    ? "restarting"
    : "stopping";
  return `${typeof name === "string" ? `${name}: ` : ""}${doing}${by === "error" ? " after a failure" : ""}`;
}

function exitText({ ms, code, forced, pending }: LogRecord): string {
  const time = typeof ms === "number" ? ` in ${Math.round(ms)} ms` : "";
  // The requests that were cut by force have been named.
  const late = Array.isArray(pending) && forced !== true ? pending as LoggedCall[] : [];
  const calls = late.map(({ listener, channel }) => `"${listener}" on "${channel}"`).join(", ");
  return `stopped${time}, exit code ${code}${calls === "" ? "" : ` while ${calls} still runs`}`;
}

/** The calls that were cut by force, in one line. */
function forcedText({ reason, pending }: LogRecord): string {
  const { name = "a signal" } = Object(reason) as { name?: string };
  const cut = (pending as LoggedCall[]).map(({ listener, channel, ms, requests }) => {
    const count = requests ? `, ${countText(requests, "request")} in flight` : "";
    return `"${listener}" on "${channel}" after ${durationText(ms)}${count}`;
  });
  return `${name} again: ended at once${cut.length === 0 ? "" : `; cut ${cut.join(", ")}`}`;
}

function reloadText({ message, generation, outcome, asked }: LogRecord): string {
  if (outcome === "committed" && asked === 0) {
    return "nothing to reload: no component or listener takes part in it";
  }
  return outcome === "committed" ? `reloaded, generation ${generation}` : message;
}

/** A listener that failed, in the words of a person who runs it. */
function failureText({ message, listener, channel, kind, ms, error }: LogRecord): string {
  if (kind === undefined) return message;
  const why = kind === "timeout" ? `it still runs after ${Math.round(Number(ms))} ms` : lineOf(error);
  const step = channel === "start" || channel === "drain" || channel === "stop";
  return `${step ? `${listener} did not ${channel}` : `"${listener}" on "${channel}" failed`}: ${why}`;
}
