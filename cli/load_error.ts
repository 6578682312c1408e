/**
 * The application module cannot be used: exit code 70.
 * @module
 */

/** The application cannot be loaded, served or set up. */
export class LoadError extends Error {
  override readonly name = "LoadError";
}
