/**
 * The text of a file, or why there is none.
 * @module
 */
import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { show } from "../../src/check.ts";
import { textOf } from "../../src/errors.ts";

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: "there is no such file",
  EISDIR: "it is a folder",
  EACCES: "it may not be read",
  EPERM: "it may not be read",
};

/** Reads a file. @throws {Error} If it cannot, naming the action and the reason in one line. */
export async function readText(action: string, path: string): Promise<string> {
  try {
    return await readFile(path, "utf8");
  } catch (error) {
    const { code } = Object(error) as { readonly code?: unknown };
    throw new Error(`${action}: ${REASONS[String(code)] ?? textOf(error)}`, { cause: error });
  }
}

/** Whether there is no such file. */
export function isMissing(error: unknown): boolean {
  return (Object(error).cause as { readonly code?: unknown } | undefined)?.code === "ENOENT";
}

/** Returns an absolute path. @throws {TypeError} If it is neither a path nor a file URL, naming the action and the field. */
export function pathOf(action: string, field: string, path: unknown): string {
  if (path instanceof URL && path.protocol === "file:") return fileURLToPath(path);
  if (typeof path === "string" && path !== "") return resolve(path);
  throw new TypeError(`${action}: ${field} is ${show(path)}, expected a path or a file URL`);
}
