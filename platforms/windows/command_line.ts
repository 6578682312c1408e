/**
 * The command line of a process on Windows. Windows passes it as one text, which each program splits into arguments itself.
 * @module
 */
import { ownDeno } from "../process/deno_like.ts";
import { denoMayCall } from "./kernel.ts";

/**
 * Returns the arguments after the executable on the command line of this Deno process, with Deno's own flags, which Deno has
 * no API for. Undefined if Deno may not call Windows.
 */
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
  // Spaces; quotes with the backslashes before them; other backslashes; other text.
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
    // After an odd number of backslashes, a quote is a literal one. Within quotes, two quotes are one literal quote.
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
