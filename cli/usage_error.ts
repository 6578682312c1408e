/**
 * The command line cannot be understood: exit code 64.
 * @module
 */

/** A wrong command line; the command tells it in one line, with the help to read. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}
