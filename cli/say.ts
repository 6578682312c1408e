/**
 * What the command says, on the standard error.
 * @module
 */
import { constants, fstatSync, openSync, writeSync } from "node:fs";
import { oneLine, stackLines } from "../components/log/plain_text.ts";
import { errorOutput } from "../platforms/process/error_output.ts";

/** Writes one line to the standard error, whatever is in the text. Never throws: nobody may be there to read. */
export function say(text: string): void {
  writeError(`sitebus: ${oneLine(text)}\n`);
}

/** Writes a line, and indented below it an error with its stack. */
export function sayWithStack(text: string, error: unknown): void {
  writeError(`sitebus: ${oneLine(text)}\n${stackLines(error)}`);
}

/** Writes to the standard error at once. Never throws. */
export const writeError: (text: string) => void = errorOutput({
  constants,
  fstatSync,
  openSync,
  writeSync,
});
