/**
 * The exit code that a process has when it ends by itself.
 * @module
 */
import { OK } from "../../src/exit_codes.ts";

/** Sets the code, but keeps one that the program has set where the bus's own is 0. Returns the undo. */
export function setExitCode(
  process: { exitCode?: number | string | null | undefined },
  code: number,
): () => void {
  const before = process.exitCode ?? OK;
  if (code === OK && Number(before) !== OK) return () => {};
  process.exitCode = code;
  return () => {
    // Not back to `undefined`, which Bun does not take.
    if (process.exitCode === code) process.exitCode = before;
  };
}
