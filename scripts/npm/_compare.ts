/**
 * The two builders against each other: what dnt made, and what the local builder makes of the same sources.
 * @module
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { filesBelow } from "./finish.ts";

/** What only one of them writes: dnt's mark of itself, and the mark that keeps npm from publishing. */
const OWN_FIELDS = new Set(["_generatedBy", "private"]);

/** Says how dnt's package differs from the local one, in its files and in its package.json. */
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
