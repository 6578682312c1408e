/**
 * The command line of `sitebus`: its commands, parsed by commander, and its errors in one line.
 * @module
 */
import { statSync } from "node:fs";
import { Command, CommanderError } from "commander";
import { separated } from "./add_options.ts";
import { COMMANDS } from "./command_list.ts";
import { analyzeCommand } from "./commands/analyze.ts";
import { completionsCommand } from "./commands/completions.ts";
import { ctlCommand } from "./commands/ctl.ts";
import { doctorCommand } from "./commands/doctor.ts";
import { psCommand } from "./commands/ps.ts";
import { serveCommand } from "./commands/serve.ts";
import { superviseCommand } from "./commands/supervise.ts";
import { OPTIONS } from "./options.ts";
import { UsageError } from "./usage_error.ts";
import { VERSION, versionText } from "./version.ts";

/** The widest line of a help, so that it fits the narrowest terminal. */
const WIDTH = 80;

const ABOUT = `sitebus ${VERSION}: runs an application that starts, drains and stops in order

  sitebus serve                       serve the application of this directory
  sitebus serve app.ts --port 8080    serve the one in app.ts, on another port
  sitebus help serve                  the module, and all options`;

/** Makes the program; `words` are the arguments that follow its own path. */
function programOf(words: readonly string[]): Command {
  const program = new Command("sitebus").description(ABOUT)
    .version(versionText(), "-v, --version", "the version, the runtime and the platform")
    .helpOption("-h, --help", "this page")
    .helpCommand("help [command]", "the page of a command")
    .configureOutput({ getOutHelpWidth: () => WIDTH, getErrHelpWidth: () => WIDTH, outputError: () => {} })
    .exitOverride();
  serveCommand(program, words);
  psCommand(program, words);
  ctlCommand(program, words);
  analyzeCommand(program);
  doctorCommand(program);
  superviseCommand(program, words);
  completionsCommand(program);
  return program;
}

/**
 * Does what the words ask for.
 * @throws {UsageError} If they cannot be understood, naming the first that is wrong.
 */
export async function runProgram(words: readonly string[]): Promise<void> {
  const [name] = words;
  if (name !== undefined && !name.startsWith("-") && !Object.hasOwn(COMMANDS, name) && isFile(name)) {
    throw new UsageError(`Unknown command "${name}": did you mean "sitebus serve ${name}"?`);
  }
  // Commander answers "help nope" and "nope --help" with the help, as if nothing were wrong.
  const asked = name === "help" ? words[1] : name;
  const unknown = asked !== undefined && asked !== "help" && !asked.startsWith("-") &&
    !Object.hasOwn(COMMANDS, asked);
  try {
    await programOf(words).parseAsync(unknown ? [asked] : separated(OPTIONS, words), { from: "user" });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    // The help and the version were printed.
    if (error.exitCode === 0) return;
    if (error.code === "commander.help") throw new UsageError("No command");
    throw new UsageError(inOurWords(error.message));
  }
}

/** Messages of commander, and the messages in their place. */
const WORDS: readonly (readonly [RegExp, string])[] = [
  [/ \(Did you mean (?:one of )?(.+)\?\)$/, ': did you mean "$1"?'],
  [/^option "(?:-\w, )?(--[\w-]+) (<.+>)" argument missing$/, '$1 has no value: expected "$1 $2"'],
  [/^missing required argument "(.+)"$/, "The $1 is missing"],
  [
    /^command-argument value (".*") is invalid for argument "(.+)"\. Allowed choices are /,
    "The $2 is $1: expected one of ",
  ],
  [
    /^too many arguments for (".+")\. Expected (\d+) arguments? but got (\d+)$/,
    "$1 has $3 arguments: expected $2 at most",
  ],
];

/** "error: unknown option '--prot'\n(Did you mean --port?)" → `Unknown option "--prot": did you mean "--port"?`. */
function inOurWords(message: string): string {
  const line = message.replace(/^error: /, "").replaceAll("'", '"').replace(/\s*\n\s*/g, " ").replace(
    /\.$/,
    "",
  );
  const said = WORDS.reduce((text, [theirs, ours]) => text.replace(theirs, ours), line);
  return said.charAt(0).toUpperCase() + said.slice(1);
}

function isFile(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isFile() === true;
}
