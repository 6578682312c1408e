/**
 * `sitebus ps`: its help. `cli/main.ts` runs it without commander.
 * @module
 */
import type { Command } from "commander";
import { COMMAND_FLAGS } from "../command_flags.ts";
import { COMMANDS } from "../command_list.ts";

const ABOUT = `sitebus ps: lists the running processes of this user; as root, of all users

  sitebus ps            name, process id, state, and since when it is up
  sitebus ps --json     the whole status of each, as one JSON list`;

const MORE = `
READY says whether a load balancer may send requests. A process that lives and
has not answered within two seconds is listed with the state "no answer". What
killed processes have left behind is removed.

"sitebus ctl <name or pid>" tells more of one, and asks it to do something.`;

/** Adds the command; `words` are the arguments of `sitebus`. It comes to run here only where they are unusual. */
export function psCommand(program: Command, words: readonly string[]): void {
  program.command("ps").summary(COMMANDS.ps).description(ABOUT)
    .option("--json", COMMAND_FLAGS.ps["--json"].what)
    .addHelpText("after", MORE)
    .helpOption("-h, --help", "this page")
    .action(async () => {
      const { runPs } = await import("../ps.ts");
      await runPs(words.slice(1));
    });
}
