/**
 * The way to the terminal that needs no event loop: what is said while a process ends must not be lost with it.
 * @module
 */
import { writeSync } from "node:fs";
import { stripVTControlCharacters } from "node:util";

// How long a line waits for the reader of a full pipe, in milliseconds.
const PATIENCE_MS = 250;

/** Writes one line to the standard error, whatever is in the text. Never throws: nobody may be there to read. */
export function say(text: string): void {
  write(stripVTControlCharacters(text).split(/\s*\n\s*/).join(" "));
}

/** Writes a line, and indented below it an error with its stack. */
export function sayWithStack(text: string, error: unknown): void {
  const { stack } = Object(error) as { stack?: unknown };
  const lines = stripVTControlCharacters(`${text}\n${typeof stack === "string" ? stack : String(error)}`);
  write(lines.trimEnd().split("\n").join("\n    "));
}

function write(text: string): void {
  const bytes = new TextEncoder().encode(`sitebus: ${text}\n`);
  const end = performance.now() + PATIENCE_MS;
  let written = 0;
  while (written < bytes.length) {
    try {
      written += writeSync(2, bytes, written);
    } catch (error) {
      if ((error as { code?: string }).code !== "EAGAIN" || performance.now() > end) return;
    }
  }
}
