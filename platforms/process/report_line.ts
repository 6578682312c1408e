/**
 * A log record as one line, and the way to the standard error that needs no event loop.
 * @module
 */
import type { LogRecord } from "../../src/bus.ts";
import { textOf } from "../../src/errors.ts";
import { builtinModule, type ProcessLike } from "./process_like.ts";

/** The record as a line of text, with the error's stack and causes. `separator` stands between the lines of a stack. */
export function reportLine(record: LogRecord, separator = " | "): string {
  const parts = [`[${record.bus}] ${record.level}: ${record.message}`];
  if (record.error !== undefined) {
    const [stack = "", ...rest] = errorLines(record.error, new Set());
    const said = `: ${textOf(record.error)}`;
    // The bus's own messages end with that of the error.
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

// How long a line waits for the reader of a full pipe, in milliseconds.
const patience = 250;

/**
 * Makes a function that writes lines to the standard error, at once and without throwing. A pipe that is full is
 * waited for once; after that, lines are dropped until it takes one.
 */
export function standardError(process: ProcessLike): (record: LogRecord) => void {
  const fs = builtinModule(process, "node:fs");
  const separator = builtinModule(process, "node:tty").isatty(2) ? "\n    " : " | ";
  const sleeper = new Int32Array(new SharedArrayBuffer(4));
  let gaveUp = false;
  let torn = false;
  return (record) => {
    const bytes = new TextEncoder().encode(`${torn ? "\n" : ""}${reportLine(record, separator)}\n`);
    const end = performance.now() + (gaveUp ? 0 : patience);
    let written = 0;
    while (written < bytes.length) {
      try {
        written += fs.writeSync(2, bytes, written);
      } catch (error) {
        if ((error as { code?: string }).code !== "EAGAIN" || performance.now() >= end) break;
        Atomics.wait(sleeper, 0, 0, 5);
      }
    }
    gaveUp = written < bytes.length;
    if (written > 0) torn = gaveUp;
  };
}
