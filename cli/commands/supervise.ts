/**
 * `sitebus supervise -- <command…>`.
 * @module
 */
import { Argument, type Command, Option } from "commander";
import { FILE, type Kind, TIME, TIME_OR_NONE } from "../_values.ts";
import { COMMANDS } from "../command_list.ts";
import type { SuperviseOptions } from "../supervise.ts";
import { UsageError } from "../usage_error.ts";

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
  for (const option of OPTIONS) command.addOption(option);
  command.action(async (rest: string[], options: Record<string, unknown>) => {
    const { supervise } = await import("../supervise.ts");
    await supervise(rest, options as unknown as SuperviseOptions, words);
  });
}

const NAME: Kind<string> = {
  expected: "a name without slash",
  read: (raw) => typeof raw === "string" && /^[^/\s]+$/.test(raw) ? raw : undefined,
};

const OPTIONS: readonly Option[] = [
  valued("--name <name>", NAME, "its name in logs and lists (default: that of the program)"),
  new Option("--daemon", "start it in the background, and return when it is ready"),
  valued("--pid-file <file>", FILE, "holds the number of the process, and keeps a second one away"),
  valued("--log-file <file>", FILE, "what it prints goes there, and the log of sitebus too"),
  valued("--steady <time>", TIME_OR_NONE, "it counts as ready when it has stayed up so long", "1s"),
  valued("--stop-within <time>", TIME, "the time from SIGTERM to SIGKILL", "10s"),
  new Option("--give-up", "end when it fails too often"),
  new Option("--quiet", "nothing but warnings and errors"),
  new Option("--json", "one JSON object a line"),
];

function valued(flags: string, kind: Kind<unknown>, what: string, typed?: string): Option {
  const option = new Option(flags, what).argParser((raw: string) => {
    const value = kind.read(raw);
    if (value === undefined) {
      throw new UsageError(`${flags.split(" ", 1)[0]} is "${raw}": expected ${kind.expected}`);
    }
    return value;
  });
  if (typed !== undefined) {
    option.default(kind.read(typed), typed);
  }
  return option;
}
