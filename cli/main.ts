/**
 * The command `sitebus`.
 * @module
 */
import process from "node:process";
import { COMMANDS, SHELLS } from "./command_list.ts";
import { ConfigError } from "./config_error.ts";
import { LoadError } from "./load_error.ts";
import { say, sayWithStack, writeError } from "./say.ts";
import { UsageError } from "./usage_error.ts";
import { versionText } from "./version.ts";

// sysexits.h: the command was used wrongly; an internal software error; something is configured wrongly.
const [USAGE, FAILED, CONFIG] = [64, 70, 78];

async function main(words: readonly string[]): Promise<void> {
  try {
    if (await answeredAtOnce(words)) return;
    const { runProgram } = await import("./program.ts");
    await runProgram(words);
  } catch (error) {
    const [code, message] = judged(error, words[0]);
    const unexpected = message === undefined ? { error } : {};
    const text = message ?? "the command itself failed";
    if (words.includes("--json")) {
      const { jsonLine } = await import("../components/log/json_line.ts");
      writeError(
        jsonLine({ time: Date.now(), level: "error", message: text, bus: "sitebus", code, ...unexpected }),
      );
    } else if (message === undefined) sayWithStack(`error: ${text}`, error);
    else say(text);
    // A module that failed half-way may have left timers and sockets behind.
    process.exit(code);
  }
}

/** Answers what is asked at every start of a shell, without the 10 to 50 ms that commander takes to load. */
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

/** The exit code, and what is wrong where it is not the command itself. */
function judged(error: unknown, name: string | undefined): [code: number, message?: string] {
  if (error instanceof UsageError) {
    const about = name !== undefined && Object.hasOwn(COMMANDS, name) ? `${name} ` : "";
    return [USAGE, `${error.message} (see sitebus ${about}--help)`];
  }
  if (error instanceof ConfigError) return [CONFIG, error.message];
  return error instanceof LoadError ? [FAILED, error.message] : [FAILED];
}

main(process.argv.slice(2));
