/**
 * A config file, a certificate or an environment variable cannot be used: exit code 78.
 * @module
 */

/** A file or a value that the command was told to use cannot be used. */
export class ConfigError extends Error {
  override readonly name = "ConfigError";
}
