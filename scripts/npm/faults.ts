/**
 * Finds faults that prevent the build of a package, before the build changes anything.
 * @module
 */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { checkExports } from "../check/exports.ts";
import { npmCommand, npmExtraFiles } from "./options.ts";

/** Returns what is wrong with the sources of the package; each fault says how to mend it. */
export function buildFaults(top: string): string[] {
  const missing = [npmCommand.path, ...npmExtraFiles].filter((path) => !existsSync(join(top, path)));
  return [
    ...checkExports(top),
    ...missing.map((path) => `there is no ${path}: every package has it, so bring it back`),
  ];
}

/** Returns the error message for faults, one line for each. */
export function buildFaultText(faults: readonly string[]): string {
  return faults.map((fault) => `Cannot build the npm package: ${fault}`).join("\n");
}
