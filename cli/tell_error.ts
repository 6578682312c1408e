/**
 * Tells what the command has failed with, in one line, and ends the process with the exit code that belongs to it.
 * @module
 */
import process from "node:process";
import { CONFIG, FAILED, USAGE } from "../src/exit_codes.ts";
import { COMMANDS } from "./command_list.ts";
import { ConfigError } from "./config_error.ts";
import { LoadError } from "./load_error.ts";
import { say } from "./say.ts";
import { UsageError } from "./usage_error.ts";

/** Tells the error of a command that was given these words, and ends the process. */
export function tellError(error: unknown, words: readonly string[]): never {
  const { code, event, message } = judged(error, words[0]);
  const json = words.includes("--json");
  if (message === undefined) say("the command itself has failed", { json, event, code, error });
  else say(message, { json, event, code });
  // A module that failed half-way may have left timers and sockets behind.
  process.exit(code);
}

/** The outcome of an error: the exit code, and its message; no message where the command itself has failed. */
function judged(error: unknown, name: string | undefined): { code: number; event: string; message?: string } {
  if (error instanceof UsageError) {
    const about = name !== undefined && Object.hasOwn(COMMANDS, name) ? `${name} ` : "";
    return { code: USAGE, event: "usage", message: `${error.message} (see sitebus ${about}--help)` };
  }
  if (error instanceof ConfigError) return { code: CONFIG, event: "config", message: error.message };
  if (error instanceof LoadError) return { code: FAILED, event: "load", message: error.message };
  return { code: FAILED, event: "crash" };
}
