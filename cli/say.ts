/**
 * What the command says, on the standard error.
 * @module
 */
import { constants, fstatSync, openSync, writeSync } from "node:fs";
import { jsonLine } from "../components/log/json_line.ts";
import { oneLine, stackLines } from "../components/log/plain_text.ts";
import { errorOutput } from "../platforms/process/error_output.ts";

/** What the command says when no bus can say it. */
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

/** Writes to the standard error at once. Never throws. */
export const writeError: (text: string) => void = errorOutput({
  constants,
  fstatSync,
  openSync,
  writeSync,
});
