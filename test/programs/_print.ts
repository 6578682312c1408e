import { writeSync } from "node:fs";

/** Prints a line without a buffer, so that it keeps its order among the lines of the platform. */
export function print(line: string): void {
  writeSync(1, `${line}\n`);
}
