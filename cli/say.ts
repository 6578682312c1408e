/**
 * What the command says, on the standard error.
 * @module
 */
import { constants, fstatSync, openSync, writeSync } from "node:fs";
import { stripVTControlCharacters } from "node:util";
import { errorOutput } from "../platforms/process/error_output.ts";

/** Writes one line to the standard error, whatever is in the text. Never throws: nobody may be there to read. */
export function say(text: string): void {
  writeError(`sitebus: ${oneLine(text)}\n`);
}

/** Writes a line, and indented below it an error with its stack. */
export function sayWithStack(text: string, error: unknown): void {
  writeError(`sitebus: ${oneLine(text)}\n${stackLines(error)}`);
}

/** The text in one line, without what could steer a terminal. */
export function oneLine(text: string): string {
  return plain(text).split(/\s*\n\s*/).join(" ");
}

/** An error with its stack and its causes, as indented lines. */
export function stackLines(error: unknown): string {
  return stacks(error, new Set()).join("\n").trimEnd().split("\n").map((line) => `    ${line}\n`).join("");
}

/** Writes to the standard error at once. Never throws. */
export const writeError: (text: string) => void = errorOutput({
  constants,
  fstatSync,
  openSync,
  writeSync,
});

function stacks(error: unknown, seen: Set<unknown>): string[] {
  try {
    seen.add(error);
    const { stack, cause, errors } = Object(error) as Record<string, unknown>;
    const others = [
      ...(cause === undefined ? [] : [["cause: ", cause]]),
      ...(Array.isArray(errors) ? errors.map((one: unknown) => ["error: ", one]) : []),
    ];
    return [
      plain(typeof stack === "string" && stack !== "" ? stack : String(error)),
      ...others.filter(([, one]) => !seen.has(one)).flatMap(([kind, one]) => {
        const [first = "", ...rest] = stacks(one, seen);
        return [kind + first, ...rest];
      }),
    ];
  } catch {
    return ["an error that cannot be printed"];
  }
}

/** Without the sequences of a terminal, nor single control characters. */
function plain(text: string): string {
  // deno-lint-ignore no-control-regex -- these are what is taken away
  return stripVTControlCharacters(text).replace(/[\x00-\x08\x0b-\x1f\x7f-\x9f]/g, "");
}
