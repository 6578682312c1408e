/**
 * The messages of the command, on the standard error.
 * @module
 */
import { constants, fstatSync, openSync, writeSync } from "node:fs";
import { jsonLine } from "../components/log/json_line.ts";
import { oneLine, stackLines } from "../components/log/plain_text.ts";
import { errorOutput } from "../platforms/process/error_output.ts";

/** A message of the command when there is no bus to log it. */
export interface Saying {
  /** One JSON object. Default: a line for people. */
  readonly json?: boolean;
  /** The kind of what is said, for programs. */
  readonly event: string;
  /** The exit code. */
  readonly code: number;
  /** The process or thread that says it, where there are several. */
  readonly unit?: string | undefined;
  /** An error whose stack is shown, where the command itself has failed. */
  readonly error?: unknown;
}

/** Writes an error of the command to the standard error. Never throws: there may be nobody to read. */
export function say(message: string, { json = false, ...fields }: Saying): void {
  if (json) {
    return writeError(jsonLine({ time: Date.now(), level: "error", message, bus: "sitebus", ...fields }));
  }
  const { error, unit } = fields;
  const prefix = unit === undefined ? "sitebus:" : `sitebus: ${unit}:`;
  writeError(
    error === undefined
      ? `${prefix} ${oneLine(message)}\n`
      : `${prefix} error: ${oneLine(message)}\n${stackLines(error)}`,
  );
}

let output: (text: string) => void = errorOutput({ constants, fstatSync, openSync, writeSync });

/** Writes to the standard error at once, or where a daemon writes instead. Never throws. */
export function writeError(text: string): void {
  output(text);
}

/** Has all that the command says go elsewhere from now on; `write` never throws. */
export function writeErrorsTo(write: (text: string) => void): void {
  output = write;
}
