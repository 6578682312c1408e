/**
 * Makes options of commander of the table of options, which reads and checks their values.
 * @module
 */
import { statSync } from "node:fs";
import { type Command, Option } from "commander";
import {
  flagOf,
  isSwitch,
  type OptionGroup,
  type ServeOption,
  type ServeValues,
  typedFlag,
  wrongValue,
} from "./options.ts";
import { UsageError } from "./usage_error.ts";

/** Adds all options of a command, in their groups. */
export function addOptions(command: Command, groups: readonly OptionGroup[]): void {
  for (const { title, options } of groups) {
    for (const option of options) {
      // Where both are there, neither is the default.
      const { key, isOn } = option;
      if (isOn) command.addOption(new Option(flagOf(key)).hideHelp());
      command.addOption(optionOf(option).helpGroup(`${title}:`));
      if (isSwitch(option) && !isOn) {
        command.addOption(new Option(flagOf(key).replace("--", "--no-")).hideHelp());
      }
    }
  }
}

function optionOf(option: ServeOption): Option {
  const { short, value, default: typed, env, what, more } = option;
  const flag = typedFlag(option);
  const flags = `${short === undefined ? "" : `${short}, `}${flag}${value === undefined ? "" : ` ${value}`}`;
  const unless = [typed === undefined ? "" : `default ${typed}`, env === undefined ? "" : `or $${env}`]
    .filter((text) => text !== "").join(", ");
  const described = `${what}${more === undefined ? "" : `; ${more}`}${unless === "" ? "" : ` (${unless})`}`;
  const made = new Option(flags, described);
  return value === undefined ? made : made.argParser((raw: string) => {
    const read = option.kind.read(raw);
    if (read === undefined) throw new UsageError(wrongValue(option, flag, raw));
    return read;
  });
}

/** The values that commander has parsed, as values of the table: an option without its value, and `--no-…`, are true and false. */
export function givenBy(
  options: readonly ServeOption[],
  parsed: Record<string, unknown>,
): Partial<ServeValues> {
  const given: Partial<Record<keyof ServeValues, unknown>> = {};
  for (const { key, kind } of options) {
    const raw = parsed[key];
    if (raw !== undefined) given[key] = typeof raw === "boolean" ? kind.read(raw) : raw;
  }
  return given as Partial<ServeValues>;
}

/**
 * The words as commander has to see them. An option whose value may be left out would take the next word, whatever it is;
 * here it takes a number, or a path that is no file, and a module that follows it stays the module.
 */
export function separated(options: readonly ServeOption[], words: readonly string[]): string[] {
  const bare = new Map(
    options.flatMap((option) => option.bare === undefined ? [] : [[flagOf(option.key), option.bare]]),
  );
  const end = words.indexOf("--");
  return words.map((word, at) => {
    const value = end !== -1 && at > end ? undefined : bare.get(word);
    return value === undefined || isValue(words[at + 1]) ? word : `${word}=${value}`;
  });
}

function isValue(next: string | undefined): boolean {
  if (next === undefined) return false;
  return /^\d+$/.test(next) || next.startsWith("/") && !statSync(next, { throwIfNoEntry: false })?.isFile();
}
