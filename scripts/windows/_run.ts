/**
 * Runs one program of the set-up for Windows. If one program fails, the whole set-up fails.
 * @module
 */
import { command, type CommandOptions } from "../command.ts";

/**
 * Runs a program; resolves to its output.
 * @throws {Error} If the program fails; the message has the end of its output.
 */
export async function run(
  file: string,
  args: readonly string[],
  options: CommandOptions = {},
): Promise<string> {
  const { code, crash, output, stdout } = await command(file, args, options);
  if (code === 0 && crash === undefined) return stdout;
  const said = output.trim().split("\n").slice(-5).join("\n");
  throw new Error(`Cannot run "${file} ${args.join(" ")}": ${crash ?? `it ended with ${code}`}\n${said}`);
}
