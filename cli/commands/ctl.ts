/**
 * `sitebus ctl <name|pid> [verb]`: its help. `cli/main.ts` runs it without commander.
 * @module
 */
import type { Command } from "commander";
import { COMMAND_FLAGS } from "../command_flags.ts";
import { COMMANDS } from "../command_list.ts";
import { type Verb, VERBS } from "../control/verbs.ts";
import type { Flag } from "../words.ts";

const ABOUT = `sitebus ctl: asks a running process, or has it do something

  sitebus ctl shop                 how it is, and what it waits for
  sitebus ctl 4711 log             the log of process 4711 from now on
  sitebus ctl shop reload          read its configuration again
  sitebus ctl shop roll            replace its workers one after another
  sitebus ctl shop exit            stop it in order, and wait for its end`;

const MORE = `
${
  Object.entries(VERBS as Readonly<Record<string, Verb>>).map(([name, { what, argument }]) =>
    `  ${`${name}${argument === undefined ? "" : ` ${argument}`}`.padEnd(10)} ${what}`
  ).join("\n")
}

"sitebus ps" lists the names and process ids. What changes something prints what
the process says, until it is done.

Exit codes: 0 it is done, 1 it has failed, or the name means several processes,
2 there is no such process, 3 the process lives and does not answer, 64 wrong
usage.`;

/** Adds the command; `words` are the arguments of `sitebus`. It comes to run here only where they are unusual. */
export function ctlCommand(program: Command, words: readonly string[]): void {
  const command = program.command("ctl").summary(COMMANDS.ctl).description(ABOUT)
    .argument("<process>", "the name or the process id")
    .argument("[verb]", "what to do (default status)")
    .argument("[n]", "of scale: how many units");
  for (const [name, { value, what }] of Object.entries<Flag>(COMMAND_FLAGS.ctl)) {
    command.option(value === undefined ? name : `${name} ${value}`, what);
  }
  command.addHelpText("after", MORE).helpOption("-h, --help", "this page")
    .action(async () => {
      const { runCtl } = await import("../ctl.ts");
      await runCtl(words.slice(1));
    });
}
