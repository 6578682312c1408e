/**
 * The log of a bus for people: what is up, what stops, and who is late, a line each.
 * @module
 */
import type { LogRecord } from "../mod.ts";
import { type Style, styled } from "./_ansi.ts";
import { lineOf } from "./_place.ts";
import { oneLine, stackLines } from "./say.ts";

/** How lines are shown. */
export interface ConsoleOptions {
  /** Whether the terminal has colours. Default false. */
  readonly colour?: boolean;
}

/** The record as a line, with its end; where only the stack says whose error it is, the stack is below. */
export function consoleText(record: LogRecord, { colour = false }: ConsoleOptions = {}): string {
  const style = colour ? styled : (_: Style, text: string) => text;
  const { level, message, error, listener, status } = record;
  const prefix = style("dim", "sitebus:");
  if (status === "exited" || level === "info" || level === "debug") {
    const [, word = "", rest = ""] = /^(\S*)(.*)$/.exec(oneLine(infoText(record))) ?? [];
    return `${prefix} ${status === undefined ? word : style("bold", word)}${rest}\n`;
  }
  const kind = level === "warn" ? style("yellow", "warning:") : style("red", "error:");
  const failed = error !== undefined && listener !== undefined;
  const line = `${prefix} ${kind} ${oneLine(failed ? failureText(record) : message)}\n`;
  return error === undefined || failed ? line : line + style("dim", stackLines(error));
}

const STATUS: Readonly<Record<string, string>> = {
  up: "is up",
  drained: "is drained",
  down: "is stopped",
};

function infoText(record: LogRecord): string {
  const { message, component, status, ms, code, url } = record;
  if (status === "exited") {
    const [late = ""] = / while .*/.exec(message) ?? [];
    return `stopped in ${Math.round(Number(ms))} ms, exit code ${code}${late}`;
  }
  if (typeof component === "string" && typeof status === "string") {
    const time = typeof ms === "number" ? ` in ${Math.round(ms)} ms` : "";
    return `${component} ${STATUS[status] ?? `is ${status}`}${time}${url === undefined ? "" : ` at ${url}`}`;
  }
  return message;
}

/** A listener that failed, in the words of somebody who runs it. */
function failureText({ message, listener, channel, kind, ms, error }: LogRecord): string {
  if (kind === undefined) return message;
  const why = kind === "timeout" ? `it still runs after ${Math.round(Number(ms))} ms` : lineOf(error);
  const step = channel === "start" || channel === "drain" || channel === "stop";
  return `${step ? `${listener} did not ${channel}` : `"${listener}" on "${channel}" failed`}: ${why}`;
}
