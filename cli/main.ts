/**
 * The command `sitebus`.
 * @module
 */
import process from "node:process";
import { parseArguments, UsageError } from "./arguments.ts";
import { ConfigError } from "./config.ts";
import { COMPLETIONS_HELP, HELP, SERVE_HELP, VERSION } from "./help.ts";
import { LoadError } from "./module.ts";
import { say, sayWithStack, writeError } from "./say.ts";

// sysexits.h: the command was used wrongly; an internal software error; something is configured wrongly.
const [USAGE, FAILED, CONFIG] = [64, 70, 78];

const HELPS = { serve: SERVE_HELP, completions: COMPLETIONS_HELP };

async function main(args: readonly string[]): Promise<void> {
  try {
    const command = parseArguments(args);
    if (command.name === "help") return console.log(command.about ? HELPS[command.about] : HELP);
    if (command.name === "version") return console.log(VERSION);
    if (command.name === "completions") {
      const { completions } = await import("./completions.ts");
      return console.log(completions(command.shell));
    }
    // Only now: who asks for help waits for no server to load.
    const { serve } = await import("./serve.ts");
    await serve(command.given, args);
  } catch (error) {
    const [code, message] = judged(error);
    const unexpected = message === undefined ? { error } : {};
    const text = message ?? "the command itself failed";
    if (args.includes("--json")) {
      const { jsonLine } = await import("./json_log.ts");
      writeError(
        jsonLine({ time: Date.now(), level: "error", message: text, bus: "sitebus", code, ...unexpected }),
      );
    } else if (message === undefined) sayWithStack(`error: ${text}`, error);
    else say(text);
    // A module that failed half-way may have left timers and sockets behind.
    process.exit(code);
  }
}

/** The exit code, and what is wrong where it is not the command itself. */
function judged(error: unknown): [code: number, message?: string] {
  if (error instanceof UsageError) {
    return [USAGE, `${error.message} (see sitebus ${error.about ? `${error.about} ` : ""}--help)`];
  }
  if (error instanceof ConfigError) return [CONFIG, error.message];
  return error instanceof LoadError ? [FAILED, error.message] : [FAILED];
}

main(process.argv.slice(2));
