import { writeSync } from "node:fs";

/** Prints a line at once, so that it keeps its place among those of the platform. */
export function print(line: string): void {
  writeSync(1, `${line}\n`);
}
