/**
 * The way to the standard error that needs no event loop: what is said while a process ends must not be lost with it.
 * @module
 */
import { writeSync } from "node:fs";
import { stripVTControlCharacters } from "node:util";

// How long a text waits for the reader of a full pipe, and for how long between two tries, in milliseconds.
const [PATIENCE_MS, PAUSE_MS] = [250, 5];
const sleeper = new Int32Array(new SharedArrayBuffer(4));

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

// Whether the last text was not taken, and whether only a part of it was.
let [gaveUp, torn] = [false, false];

/**
 * Writes to the standard error at once. A pipe that is full is waited for once; after that, texts are dropped until
 * it takes one. Never throws.
 */
export function writeError(text: string): void {
  const bytes = new TextEncoder().encode(torn ? `\n${text}` : text);
  const end = performance.now() + (gaveUp ? 0 : PATIENCE_MS);
  let written = 0;
  while (written < bytes.length) {
    try {
      written += writeSync(2, bytes, written);
    } catch (error) {
      if ((error as { code?: string }).code !== "EAGAIN" || performance.now() >= end) break;
      Atomics.wait(sleeper, 0, 0, PAUSE_MS);
    }
  }
  gaveUp = written < bytes.length;
  if (written > 0) torn = gaveUp;
}

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
