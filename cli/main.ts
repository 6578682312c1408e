/**
 * The command `sitebus`.
 * @module
 */
import process from "node:process";
import { CONFIG, FAILED, USAGE } from "../src/exit_codes.ts";
import { COMMANDS, SHELLS } from "./command_list.ts";
import { ConfigError } from "./config_error.ts";
import { LoadError } from "./load_error.ts";
import { say } from "./say.ts";
import { UNIT } from "./unit_words.ts";
import { UsageError } from "./usage_error.ts";
import { versionText } from "./version.ts";

async function main(words: readonly string[]): Promise<void> {
  try {
    if (words[0] === UNIT) {
      const { serveUnit } = await import("./serve_unit.ts");
      return await serveUnit(words[1] ?? "");
    }
    if (await answeredAtOnce(words)) return;
    const { runProgram } = await import("./program.ts");
    await runProgram(words);
  } catch (error) {
    const { code, event, message } = judged(error, words[0]);
    const json = words.includes("--json");
    if (message === undefined) say("the command itself has failed", { json, event, code, error });
    else say(message, { json, event, code });
    // A module that failed half-way may have left timers and sockets behind.
    process.exit(code);
  }
}

/** Prints completions and the version without commander, whose load takes 10 to 50 ms: shells ask at each start. */
async function answeredAtOnce([name, word, ...more]: readonly string[]): Promise<boolean> {
  const shell = SHELLS.find((known) => known === word);
  if (name === "completions" && shell !== undefined && more.length === 0) {
    const { completions } = await import("./completions.ts");
    console.log(completions(shell));
    return true;
  }
  if ((name !== "--version" && name !== "-v") || word !== undefined) return false;
  console.log(versionText());
  return true;
}

/** What an error comes to: the exit code, and its message; no message where the command itself has failed. */
function judged(error: unknown, name: string | undefined): { code: number; event: string; message?: string } {
  if (error instanceof UsageError) {
    const about = name !== undefined && Object.hasOwn(COMMANDS, name) ? `${name} ` : "";
    return { code: USAGE, event: "usage", message: `${error.message} (see sitebus ${about}--help)` };
  }
  if (error instanceof ConfigError) return { code: CONFIG, event: "config", message: error.message };
  if (error instanceof LoadError) return { code: FAILED, event: "load", message: error.message };
  return { code: FAILED, event: "crash" };
}

main(process.argv.slice(2));
