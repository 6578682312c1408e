/**
 * `sitebus doctor [module]`.
 * @module
 */
import { Argument, type Command } from "commander";
import { TIME } from "../_values.ts";
import { addOptions, givenBy } from "../add_options.ts";
import { COMMAND_FLAGS } from "../command_flags.ts";
import { COMMANDS } from "../command_list.ts";
import { MODULE, OPTION_GROUPS, OPTIONS } from "../options.ts";
import { UsageError } from "../usage_error.ts";

const ABOUT = `sitebus doctor: checks what will go wrong, and says how to mend it

  sitebus doctor                             the module that serve would find
  sitebus doctor app.ts --host 0.0.0.0       with the options of serve
  sitebus doctor app.ts --grace 10s          where the host waits 10 s`;

const MORE = `
It takes every option of "sitebus serve", and reads the config file and the
environment as serve does: give it what serve is given, where serve is to run.

It looks at what has started it (a shell or npm that swallows signals, PID 1),
at the runtime and Deno's permissions, at the address and the port, and whether
the host waits as long as a stop may take. It reads Dockerfile, compose.yaml,
manifests of Kubernetes, units of systemd, fly.toml and package.json of this
directory. Then it starts the application on a free port of 127.0.0.1 and stops
it at once, and tells its warnings, foreign listeners for signals, and what was
left over. With --json, the findings are one JSON object.

Exit codes: 0 no problem, though there may be warnings, 1 something will go
wrong, 64 wrong usage, 78 a config file that cannot be used.`;

const FLAGS = COMMAND_FLAGS.doctor;

/** Adds the command. */
export function doctorCommand(program: Command): void {
  const command = program.command("doctor").summary(COMMANDS.doctor).description(ABOUT)
    .usage("[options] [options of serve] [module]")
    .addArgument(new Argument("[module]", MODULE.what))
    .option("--grace <time>", FLAGS["--grace"].what, readGrace)
    .option("--no-start", FLAGS["--no-start"].what)
    .addHelpText("after", MORE)
    .helpOption("-h, --help", "this page");
  addOptions(command, OPTION_GROUPS);
  for (const option of command.options) {
    if (!Object.hasOwn(FLAGS, option.long ?? "")) option.hideHelp();
  }
  command.action(async (module: string | undefined, options: Record<string, unknown>) => {
    const given = givenBy([MODULE, ...OPTIONS], { ...options, ...module && { module } });
    const { grace, start } = options as { grace?: number; start: boolean };
    const { runDoctor } = await import("../doctor.ts");
    await runDoctor(given, { start, ...grace !== undefined && { grace } });
  });
}

function readGrace(raw: string): number {
  const ms = TIME.read(raw);
  if (ms === undefined) throw new UsageError(`--grace is "${raw}": expected ${TIME.expected}`);
  return ms;
}
