/**
 * Parses the words of a command that has to answer fast: commander takes 10 to 50 ms to load.
 * @module
 */
import { UsageError } from "./usage_error.ts";

/** A flag; `value`, such as "<name>", is what the help calls its value. */
export interface Flag {
  readonly value?: string;
  readonly what: string;
  /** The words that a shell completes its value with. Default: nothing. */
  readonly offers?: "files" | readonly string[];
}

/** The flags of a command, by their names with the dashes. */
export type Flags = Readonly<Record<string, Flag>>;

/** The words that were typed, parsed. */
export interface Parsed {
  readonly positional: readonly string[];
  /** The value of each flag that was given; "" for one that has none. */
  readonly given: ReadonlyMap<string, string>;
}

/** Parses the words. @throws {UsageError} Naming the first that is wrong. */
export function parseWords(words: readonly string[], flags: Flags): Parsed {
  const positional: string[] = [];
  const given = new Map<string, string>();
  for (let at = 0; at < words.length; at++) {
    const word = words[at]!;
    if (word === "--") {
      positional.push(...words.slice(at + 1));
      break;
    }
    if (!word.startsWith("-") || word === "-") {
      positional.push(word);
      continue;
    }
    const [name = "", ...rest] = word.split("=");
    const flag = Object.hasOwn(flags, name) ? flags[name] : undefined;
    if (!flag) throw new UsageError(`Unknown option "${name}"`);
    const inline = rest.length > 0 ? rest.join("=") : undefined;
    if (flag.value === undefined) {
      if (inline !== undefined) throw new UsageError(`${name} takes no value`);
      given.set(name, "");
      continue;
    }
    const value = inline ?? words[++at];
    if (value === undefined) throw new UsageError(`${name} has no value: expected "${name} ${flag.value}"`);
    given.set(name, value);
  }
  return { positional, given };
}
