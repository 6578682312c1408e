/**
 * Sets the exit code for when the process ends by itself.
 * @module
 */
import { OK } from "../../src/exit_codes.ts";

/** Sets the exit code. If `code` is 0, an exit code that the program has set is kept. Returns the undo. */
export function setExitCode(
  process: { exitCode?: number | string | null | undefined },
  code: number,
): () => void {
  const before = process.exitCode ?? OK;
  if (code === OK && Number(before) !== OK) return () => {};
  process.exitCode = code;
  return () => {
    // `before` is never `undefined`, which Bun does not accept.
    if (process.exitCode === code) process.exitCode = before;
  };
}
