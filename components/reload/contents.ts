/**
 * The contents of files, by their hashes: by these the units of a site know that they have read the same.
 * @module
 */
import { createHash } from "node:crypto";
import type { Reload } from "../../src/phase.ts";

/** The hashes of contents, by the absolute paths of their files. */
export type Hashes = Readonly<Record<string, string>>;

/**
 * The details of a reload that a component of files has asked for. `site(bus).details` of `sitebus/units` does not take
 * them: settings stay what they are.
 */
export interface FileChanges {
  /** The SHA-256 hash of what each changed file has now, in hexadecimal digits, by its absolute path. */
  readonly changedFiles: Hashes;
}

/** The hash of a content. */
export function hashOf(content: string): string {
  return createHash("sha256").update(content).digest("hex");
}

/** Whether the details of a reload tell of files. */
export function isFileChanges(details: unknown): details is FileChanges {
  const { changedFiles } = Object(details) as Partial<FileChanges>;
  return typeof changedFiles === "object" && changedFiles !== null;
}

/** The contents that were read, and their hash. */
export interface Read<T> {
  readonly content: T;
  readonly hashes: Hashes;
}

/** Milliseconds in which a file that has another content than the asked one is read again. */
const AGAIN_MS = 200;

/** Milliseconds between two of these looks. */
const PAUSE_MS = 20;

/** The file has another content than the one that a reload is for. */
export class OtherContentError extends Error {
  /** Tells the error from others. */
  override readonly name = "OtherContentError";
}

/**
 * Reads the files of a component for a reload. Where another unit has asked for it, and something else is read here, that
 * may be older or newer: it is read again, for 200 ms.
 * @throws {OtherContentError} If it is something else still.
 */
export async function readFor<T>(
  { details, signal }: Reload,
  paths: readonly string[],
  read: () => Promise<Read<T>>,
): Promise<Read<T>> {
  const expected: Hashes = isFileChanges(details) ? details.changedFiles : {};
  if (!paths.some((path) => expected[path] !== undefined)) return await read();
  const end = performance.now() + AGAIN_MS;
  for (;;) {
    const isLast = performance.now() >= end || signal.aborted;
    try {
      const found = await read();
      const other = paths.find((path) => (expected[path] ?? found.hashes[path]) !== found.hashes[path]);
      if (other === undefined) return found;
      throw new OtherContentError(`"${other}" has another content here than the one that is asked for`);
    } catch (error) {
      // It may also be gone for a moment.
      if (isLast) throw error;
    }
    await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
  }
}
