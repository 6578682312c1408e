/**
 * Writes a log record as one line, on the standard error.
 * @module
 */
import type { LogRecord } from "../../src/bus.ts";
import { textOf } from "../../src/errors.ts";
import { followsForce } from "../../src/records.ts";
import { errorOutput } from "./error_output.ts";
import { builtinModule, type ProcessLike } from "./process_like.ts";

/** Returns the record as a line of text, with the error's stack and causes. `separator` stands between the lines of a stack. */
export function reportLine(record: LogRecord, separator = " | "): string {
  const parts = [`[${record.bus}] ${record.level}: ${record.message}`];
  if (record.error !== undefined) {
    const [stack = "", ...rest] = errorLines(record.error, new Set());
    const said = `: ${textOf(record.error)}`;
    // The message of the record may end with the message of the error, which must not be printed twice.
    parts.push(record.message.endsWith(said) ? stack.replace(said, "") : stack, ...rest);
  }
  return parts.join("\n").split(/\s*\n\s*/).join(separator);
}

function errorLines(error: unknown, seen: Set<unknown>): string[] {
  try {
    if (!(error instanceof Error) || seen.has(error)) return [textOf(error)];
    seen.add(error);
    const { stack, cause, errors } = error as Error & { readonly errors?: unknown };
    const lines = [stack || `${error.name}: ${error.message}`];
    if (cause !== undefined) lines.push("cause:", ...errorLines(cause, seen));
    if (Array.isArray(errors)) { for (const one of errors) lines.push("error:", ...errorLines(one, seen)); }
    return lines;
  } catch {
    return ["an unprintable error"];
  }
}

/**
 * Makes a function that writes records to the standard error, as lines, at once and without throwing. Of an end that a
 * second signal has forced it writes the record that says what was cut, and nothing that only follows from that.
 */
export function standardError(process: ProcessLike): (record: LogRecord) => void {
  const write = errorOutput(builtinModule(process, "node:fs"));
  const separator = builtinModule(process, "node:tty").isatty(2) ? "\n    " : " | ";
  let isForced = false;
  return (record) => {
    const { event } = record;
    if (isForced && (event === "exit" || followsForce(record))) return;
    isForced ||= event === "forced";
    write(`${reportLine(record, separator)}\n`);
  };
}
