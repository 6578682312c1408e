/**
 * What was typed after `sitebus`, checked: a wrong word is told at once, by name.
 * @module
 */
import { statSync } from "node:fs";
import { flagOf, isSwitch, OPTIONS, type ServeOption, type ServeValues, wrongValue } from "./options.ts";

/** The commands that have a help of their own. */
export const COMMANDS = ["serve", "completions"] as const;

/** The shells that completions are there for. */
export const SHELLS = ["bash", "zsh", "fish"] as const;

/** A shell that completions are there for. */
export type Shell = typeof SHELLS[number];

/** What `sitebus` was asked to do. */
export type Command =
  | { readonly name: "help"; readonly about?: typeof COMMANDS[number] }
  | { readonly name: "version" }
  | { readonly name: "completions"; readonly shell: Shell }
  | { readonly name: "serve"; readonly given: Partial<ServeValues> };

/** The command line cannot be understood: exit code 64. */
export class UsageError extends Error {
  override readonly name = "UsageError";
  /** The command whose help says more. */
  readonly about: typeof COMMANDS[number] | undefined;

  /** Makes it. */
  constructor(message: string, about?: typeof COMMANDS[number]) {
    super(message);
    this.about = about;
  }
}

/**
 * Reads the arguments that follow the program's own path.
 * @throws {UsageError} Naming the first argument that is wrong and what was expected.
 */
export function parseArguments(args: readonly string[]): Command {
  const [command, ...rest] = args;
  if (command === "--help" || command === "-h") return { name: "help" };
  if (command === "--version" || command === "-v") return { name: "version" };
  if (command === "serve") return parseServe(rest);
  if (command === "completions") return parseCompletions(rest);
  const found = command === undefined ? "No command" : `Unknown command "${command}"`;
  throw new UsageError(`${found}: expected ${COMMANDS.join(", ")}, --help or --version`);
}

function parseCompletions(args: readonly string[]): Command {
  if (args.some(isHelp)) return { name: "help", about: "completions" };
  const shell = SHELLS.find((known) => known === args[0]);
  if (shell !== undefined && args.length === 1) return { name: "completions", shell };
  const found = shell !== undefined
    ? `Unknown argument "${args[1]}"`
    : args[0] === undefined
    ? "completions has no shell"
    : `Unknown shell "${args[0]}"`;
  throw new UsageError(`${found}: expected one of ${SHELLS.join(", ")}`, "completions");
}

const FLAGS: ReadonlyMap<string, ServeOption> = new Map(
  OPTIONS.map((option) => [flagOf(option.key), option]),
);

function parseServe(args: readonly string[]): Command {
  const modules: string[] = [];
  const given: Partial<Record<keyof ServeValues, unknown>> = {};
  for (let i = 0; i < args.length; i++) {
    const word = args[i] as string;
    if (isHelp(word)) return { name: "help", about: "serve" };
    if (word === "--") {
      modules.push(...args.slice(i + 1));
      break;
    }
    if (!word.startsWith("-")) {
      modules.push(word);
      continue;
    }
    const equals = word.indexOf("=");
    const flag = equals === -1 ? word : word.slice(0, equals);
    const { option, off } = optionOf(flag);
    let raw: string | boolean | undefined = equals === -1 ? undefined : word.slice(equals + 1);
    if (option.value === undefined || off) {
      if (raw !== undefined) throw refuse(`${flag} takes no value: expected ${flag} alone`);
      raw = !off;
    }
    if (raw === undefined && takesNext(option, args[i + 1])) raw = args[++i];
    if (raw === undefined && isSwitch(option)) raw = true;
    if (raw === undefined) throw refuse(`${flag} has no value: expected ${option.kind.expected}`);
    const value = option.kind.read(raw);
    if (value === undefined) throw refuse(wrongValue(option, flag, raw));
    given[option.key] = value;
  }
  const [module, second] = modules;
  if (second !== undefined) throw refuse(`Unknown argument "${second}": expected one module`);
  if (module) given.module = module;
  return { name: "serve", given: given as Partial<ServeValues> };
}

/** The option of "--port"; of "--no-quiet" too, which turns it off. */
function optionOf(flag: string): { readonly option: ServeOption; readonly off: boolean } {
  const option = FLAGS.get(flag);
  if (option) return { option, off: false };
  const negated = FLAGS.get(flag.replace(/^--no-/, "--"));
  if (negated && isSwitch(negated)) return { option: negated, off: true };
  throw refuse(`Unknown option "${flag}": expected one of ${[...FLAGS.keys()].join(", ")}`);
}

/** Whether the next word is an option's value. One that may be left out takes a port, or a path that is no file. */
function takesNext(option: ServeOption, next: string | undefined): boolean {
  if (next === undefined || !isSwitch(option)) return next !== undefined;
  return /^\d+$/.test(next) || next.startsWith("/") && !statSync(next, { throwIfNoEntry: false })?.isFile();
}

function isHelp(word: string): boolean {
  return word === "--help" || word === "-h";
}

function refuse(message: string): UsageError {
  return new UsageError(message, "serve");
}
