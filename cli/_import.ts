/**
 * Imports a file of the user's, and says in one line why that failed.
 * @module
 */
import { createRequire } from "node:module";
import process from "node:process";
import { pathToFileURL } from "node:url";
import { firstLine, lineOf } from "../components/log/place.ts";

/** Imports the file with this absolute path; once for each `version`, where it is given. */
export async function importFile(path: string, version?: string): Promise<Record<string, unknown>> {
  const { href } = pathToFileURL(path);
  // Bun knows a module by its path alone, until that is forgotten.
  if (version !== undefined) delete createRequire(href).cache[path];
  return await import(version === undefined ? href : `${href}?version=${version}`);
}

/** Why an import failed, in one line. */
export function whyNotImported(error: unknown): string {
  const line = firstLine(error);
  if (!/^Unknown file extension "/.test(line)) return lineOf(error);
  if (/"\.[jt]sx"/.test(line)) return "Node does not run JSX: use Deno or Bun, or build it first";
  if (!/"\.[cm]?ts"/.test(line)) return line;
  return `Node ${process.versions.node} does not run TypeScript: use Node 22.18 or later, Deno or Bun, or build it first`;
}
