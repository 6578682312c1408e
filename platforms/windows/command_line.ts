/**
 * The words that a process of Windows was started with: one text, from which each program makes its own.
 * @module
 */
import { ownDeno } from "../process/deno_like.ts";
import { denoMayCall } from "./kernel.ts";

/** What follows the executable on the command line of this Deno, which tells its own flags nobody; undefined where it may not call Windows. */
export function denoCommandLine(): readonly string[] | undefined {
  const deno = ownDeno();
  if (deno === undefined || !denoMayCall()) return undefined;
  const functions = { GetCommandLineW: { parameters: [], result: "pointer" } };
  const { symbols } = deno.dlopen("kernel32.dll", functions as never);
  const { GetCommandLineW } = symbols as { GetCommandLineW(): unknown };
  const view = new deno.UnsafePointerView(GetCommandLineW() as never);
  let line = "";
  for (let at = 0, unit; (unit = view.getUint16(at)) !== 0; at += 2) line += String.fromCharCode(unit);
  return splitCommandLine(line).slice(1);
}

/**
 * Splits a command line as programs of Windows do.
 * @see https://learn.microsoft.com/en-us/cpp/c-language/parsing-c-command-line-arguments
 */
export function splitCommandLine(line: string): readonly string[] {
  // In the program's own name, nothing but a quote is special.
  const [program = ""] = /^("[^"]*"?|[^ \t"])*/.exec(line) ?? [];
  const words = [program.replaceAll('"', "")];
  const rest = line.slice(program.length);
  // Spaces; a quote, with the backslashes before it; or what is no mark.
  const parts = /[ \t]+|(\\*)("+)|\\+|[^ \t"\\]+/g;
  let word: string | undefined;
  let quoted = false;
  for (const [part, slashes = "", quotes = ""] of rest.matchAll(parts)) {
    if (!quoted && /^[ \t]/.test(part)) {
      if (word !== undefined) words.push(word);
      word = undefined;
      continue;
    }
    word ??= "";
    if (quotes === "") {
      word += part;
      continue;
    }
    word += "\\".repeat(slashes.length >> 1);
    // After an odd backslash a quote is a letter, and so is the second of two within quotes.
    let at = slashes.length % 2;
    if (at === 1) word += '"';
    while (at < quotes.length) {
      const isPair = quoted && at + 1 < quotes.length;
      if (isPair) word += '"';
      else quoted = !quoted;
      at += isPair ? 2 : 1;
    }
  }
  if (word !== undefined) words.push(word);
  return words;
}
