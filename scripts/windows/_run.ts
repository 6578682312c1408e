/**
 * Runs one program of a set-up, which is of no use where one of them fails.
 * @module
 */
import { command, type CommandOptions } from "../command.ts";

/**
 * Resolves to what the program printed.
 * @throws {Error} Where it fails, with the end of what it said.
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
