/**
 * `sitebus supervise -- <command…>`.
 * @module
 */
import { Argument, type Command, Option } from "commander";
import { FILE, type Kind, TIME, TIME_OR_NONE } from "../_values.ts";
import { COMMAND_FLAGS } from "../command_flags.ts";
import { COMMANDS } from "../command_list.ts";
import type { SuperviseOptions } from "../supervise.ts";
import { UsageError } from "../usage_error.ts";
import type { Flag } from "../words.ts";

const ABOUT = `sitebus supervise: keeps any program running

  sitebus supervise -- python3 worker.py           starts it again when it fails
  sitebus supervise --daemon --log-file worker.log -- python3 worker.py
                                                   in the background`;

const MORE = `
A program that ends with 0 has done its work, and sitebus ends with 0. One that
fails is started again: at once, then after 100 ms, doubled up to 10 s. More
than 5 times in a minute it is degraded, which is said once, and it is started
every 10 s; with --give-up sitebus ends with the exit code of the program.

Ctrl-C or SIGTERM: the program gets SIGTERM, and after --stop-within SIGKILL,
with all that it has started. SIGHUP is passed on. The exit code is that of the
program: of its failed start, or of its end; 0 where SIGTERM ended it.

--daemon returns when the program has stayed up for --steady, with 0; else with
the program's last lines and its exit code. SIGUSR1 opens the log file again,
after a rotation.`;

/** Adds the command; `words` are the arguments of `sitebus`. */
export function superviseCommand(program: Command, words: readonly string[]): void {
  const command = program.command("supervise").summary(COMMANDS.supervise).description(ABOUT)
    .usage("[options] -- <command...>")
    .addArgument(new Argument("<command...>", "the program and its arguments"))
    .addHelpText("after", MORE)
    .addHelpOption(new Option("-h, --help", "this page").helpGroup("Other:"));
  for (const [name, flag] of Object.entries<Flag>(COMMAND_FLAGS.supervise)) {
    command.addOption(optionOf(name, flag));
  }
  command.action(async (rest: string[], options: Record<string, unknown>) => {
    const { supervise } = await import("../supervise.ts");
    await supervise(rest, options as unknown as SuperviseOptions, words);
  });
}

const NAME: Kind<string> = {
  expected: "a name without slash",
  read: (raw) => typeof raw === "string" && /^[^/\s]+$/.test(raw) ? raw : undefined,
};

/** The flags whose values are checked, with the values that they have by default. */
const VALUES: Readonly<Record<string, readonly [kind: Kind<unknown>, typed?: string]>> = {
  "--name": [NAME],
  "--pid-file": [FILE],
  "--log-file": [FILE],
  "--steady": [TIME_OR_NONE, "1s"],
  "--stop-within": [TIME, "10s"],
};

/** Makes the option of commander for one flag. */
function optionOf(name: string, { value, what }: Flag): Option {
  const option = new Option(value === undefined ? name : `${name} ${value}`, what);
  const [kind, typed] = VALUES[name] ?? [];
  if (kind === undefined) return option;
  if (typed !== undefined) option.default(kind.read(typed), typed);
  return option.argParser((raw: string) => {
    const found = kind.read(raw);
    if (found === undefined) throw new UsageError(`${name} is "${raw}": expected ${kind.expected}`);
    return found;
  });
}
