import { writeSync } from "node:fs";

/** Prints a line at once, and without a stream of the runtime in between. */
export function print(line: string): void {
  writeSync(1, `${line}\n`);
}
