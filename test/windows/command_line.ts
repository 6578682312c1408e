/**
 * The one string that a process on Windows gets its arguments in.
 * @module
 */

/**
 * Quotes each word so that the C library of the program reads it as it was: a quote is escaped by a backslash, and
 * so are the backslashes before one.
 * @see https://learn.microsoft.com/cpp/c-language/parsing-c-command-line-arguments
 */
export function commandLineOf(words: readonly string[]): string {
  return words.map((word) =>
    /^[^\s"]+$/.test(word)
      ? word
      : `"${word.replace(/(\\*)"/g, (_, slashes) => `${slashes}${slashes}\\"`).replace(/\\+$/, "$&$&")}"`
  ).join(" ");
}
