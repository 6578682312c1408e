/**
 * `sitebus analyze [module]`.
 * @module
 */
import { Argument, type Command, Option } from "commander";
import { givenBy } from "../add_options.ts";
import { COMMAND_FLAGS } from "../command_flags.ts";
import { COMMANDS } from "../command_list.ts";
import { flagOf, MODULE, OPTIONS, type ServeOption, wrongValue } from "../options.ts";
import { UsageError } from "../usage_error.ts";
import type { Flags } from "../words.ts";

const ABOUT = `sitebus analyze: starts and stops an application, and shows what takes the time

  sitebus analyze                         the module that serve would find
  sitebus analyze app.ts --runs 9         the median of nine runs
  sitebus analyze app.ts --html out.html  a page for a browser as well`;

const MORE = `
Each run is a process of its own: the module is imported, "setup" is called, all
components start, and at once they stop. The server listens on a free port of
127.0.0.1, so that the application may run meanwhile; but whatever the
components connect to is really connected to.

It shows a bar for each component, the critical path, which is the longest chain
of components that wait for each other, and what would be gained if one of them
did not wait. Times are the medians of the runs.

Exit codes: 64 wrong usage, 70 the application cannot be loaded or does not
start, 78 a config file that cannot be used.`;

/** The options of `serve` that matter for a trial. */
const SHARED: readonly ServeOption[] = OPTIONS.filter(({ key }) =>
  key === "startWithin" || key === "config" || key === "json"
);

const FLAGS = COMMAND_FLAGS.analyze;

/** Adds the command. */
export function analyzeCommand(program: Command): void {
  const command = program.command("analyze").summary(COMMANDS.analyze).description(ABOUT)
    .addArgument(new Argument("[module]", MODULE.what))
    .option("--runs <n>", FLAGS["--runs"].what, readRuns)
    .option("--html <file>", FLAGS["--html"].what)
    .addOption(new Option("--trial <file>").hideHelp())
    .addHelpText("after", MORE)
    .helpOption("-h, --help", "this page");
  for (const option of SHARED) command.addOption(sharedOption(option));
  command.action(async (module: string | undefined, options: Record<string, unknown>) => {
    const given = givenBy([MODULE, ...SHARED], { ...options, ...module && { module } });
    const { runs = 5, html, trial } = options as { runs?: number; html?: string; trial?: string };
    const { runAnalyze } = await import("../analyze.ts");
    await runAnalyze(given, { runs, ...html !== undefined && { html }, ...trial !== undefined && { trial } });
  });
}

function sharedOption(option: ServeOption): Option {
  const flag = flagOf(option.key);
  const { what } = (FLAGS as Flags)[flag] ?? option;
  if (option.value === undefined) return new Option(flag, what);
  return new Option(`${flag} ${option.value}`, what).argParser((raw: string) => {
    const read = option.kind.read(raw);
    if (read === undefined) throw new UsageError(wrongValue(option, flag, raw));
    return read;
  });
}

function readRuns(raw: string): number {
  const runs = /^\d{1,3}$/.test(raw) ? Number(raw) : 0;
  if (runs < 1 || runs > 100) throw new UsageError(`--runs is "${raw}": expected a number from 1 to 100`);
  return runs;
}
