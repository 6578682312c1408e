/**
 * Compares the packages of the two builders: dnt, and the local builder with the same sources.
 * @module
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { filesBelow } from "./finish.ts";

/** The keys that only one builder writes: dnt's mark of itself, and the mark that keeps npm from publishing. */
const OWN_FIELDS = new Set(["_generatedBy", "private"]);

/** Returns the differences between dnt's package and the local one, in their files and in package.json. */
export function differences(dnt: string, local: string): string[] {
  const [ofDnt, ofLocal] = [dnt, local].map((folder) => new Set(filesBelow(folder, "esm")));
  const [here = {}, there = {}] = [dnt, local].map(readFields);
  const fields = [...new Set([...Object.keys(here), ...Object.keys(there)])].filter((key) =>
    !OWN_FIELDS.has(key)
  );
  return [
    ...[...ofDnt ?? []].filter((path) => !ofLocal?.has(path)).map((path) => `dnt alone makes ${path}`),
    ...[...ofLocal ?? []].filter((path) => !ofDnt?.has(path)).map((path) =>
      `the local builder alone makes ${path}`
    ),
    ...fields.filter((key) => JSON.stringify(here[key]) !== JSON.stringify(there[key])).map((key) =>
      `package.json has "${key}": ${JSON.stringify(here[key])} by dnt, ${
        JSON.stringify(there[key])
      } by the local builder`
    ),
  ];
}

function readFields(folder: string): Record<string, unknown> {
  return JSON.parse(readFileSync(join(folder, "package.json"), "utf8")) as Record<string, unknown>;
}
