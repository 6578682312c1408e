/**
 * The exit codes of this project.
 * @see https://man.openbsd.org/sysexits
 * @module
 */

/** The command was used in a wrong way. */
export const EXIT_USAGE = 64;

/** Something failed, or missed its deadline. */
export const EXIT_FAILED = 70;

/** A configuration file, a certificate or a key cannot be used. */
export const EXIT_CONFIG = 78;

/** The exit code of a process that a signal ended, as shells report it. */
export function signalExitCode(number: number): number {
  return 128 + number;
}

/**
 * Sets the code that a natural end exits with. A code that the program set itself is kept where the bus's own is 0.
 * Returns the undo.
 */
export function setExitCode(
  process: { exitCode?: number | string | null | undefined },
  code: number,
): () => void {
  const before = process.exitCode;
  if (code === 0 && Number(before ?? 0) !== 0) return () => {};
  process.exitCode = code;
  return () => {
    // Bun does not take back a code by `undefined`.
    if (process.exitCode === code) process.exitCode = before ?? 0;
  };
}
