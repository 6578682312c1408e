/**
 * The command `sitebus`.
 * @module
 */
import process from "node:process";
import { parseArguments, UsageError } from "./arguments.ts";
import { HELP, VERSION } from "./help.ts";
import { LoadError } from "./module.ts";
import { say, sayWithStack } from "./say.ts";

// sysexits.h: the command was used wrongly; an internal software error.
const [USAGE, FAILED] = [64, 70];

async function main(args: readonly string[]): Promise<void> {
  try {
    const command = parseArguments(args);
    if (command.name === "help") return console.log(HELP);
    if (command.name === "version") return console.log(VERSION);
    // Only now: who asks for help waits for no server to load.
    const { serve } = await import("./serve.ts");
    await serve(command);
  } catch (error) {
    if (error instanceof UsageError) {
      say(`${error.message} (see sitebus --help)`);
      process.exit(USAGE);
    }
    if (error instanceof LoadError) say(error.message);
    else sayWithStack("error: the command itself failed", error);
    // A module that failed half-way may have left timers and sockets behind.
    process.exit(FAILED);
  }
}

main(process.argv.slice(2));
