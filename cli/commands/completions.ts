/**
 * `sitebus completions <shell>`.
 * @module
 */
import { Argument, type Command } from "commander";
import { COMMANDS, type Shell, SHELLS } from "../command_list.ts";
import { completions } from "../completions.ts";

const EXAMPLES = `
  eval "$(sitebus completions bash)"      in ~/.bashrc
  eval "$(sitebus completions zsh)"       in ~/.zshrc, after compinit
  sitebus completions fish | source       in ~/.config/fish/config.fish
  sitebus completions powershell | Out-String | Invoke-Expression
                                          in the file that $PROFILE names
`;

/** Adds the command. */
export function completionsCommand(program: Command): void {
  program.command("completions").summary(COMMANDS.completions)
    .description(`sitebus completions: completes "sitebus" in your shell\n${EXAMPLES.trimEnd()}`)
    .addArgument(new Argument("<shell>", "the shell").choices(SHELLS))
    .action((shell: Shell) => console.log(completions(shell)));
}
