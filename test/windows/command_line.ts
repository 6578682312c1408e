/**
 * Makes the command line of a process on Windows, which is one string with all arguments.
 * @module
 */

/**
 * Quotes each word so that the C library of the program reads the same word: a quote and the backslashes before it are escaped
 * by backslashes.
 * @see https://learn.microsoft.com/cpp/c-language/parsing-c-command-line-arguments
 */
export function commandLineOf(words: readonly string[]): string {
  return words.map((word) =>
    /^[^\s"]+$/.test(word)
      ? word
      : `"${word.replace(/(\\*)"/g, (_, slashes) => `${slashes}${slashes}\\"`).replace(/\\+$/, "$&$&")}"`
  ).join(" ");
}
