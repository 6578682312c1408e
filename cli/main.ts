/**
 * The command `sitebus`. What a command does not need is not loaded: shells ask for completions at each start, and people ask
 * for `ps` when they are in a hurry.
 * @module
 */
import process from "node:process";
import { UNIT } from "./unit_words.ts";

async function main(words: readonly string[]): Promise<void> {
  try {
    const [name, ...rest] = words;
    if (name === UNIT) {
      const { serveUnit } = await import("./serve_unit.ts");
      return await serveUnit(words[1] ?? "");
    }
    if (await answeredAtOnce(words) || await asked(name, rest)) return;
    const { runProgram } = await import("./program.ts");
    await runProgram(words);
  } catch (error) {
    const { tellError } = await import("./tell_error.ts");
    tellError(error, words);
  }
}

/** Prints completions and the version without commander, whose load takes 10 to 50 ms. */
async function answeredAtOnce([name, word, ...more]: readonly string[]): Promise<boolean> {
  if (name === "completions" && word !== undefined && more.length === 0) {
    const { SHELLS } = await import("./command_list.ts");
    const shell = SHELLS.find((known) => known === word);
    if (shell === undefined) return false;
    const { completions } = await import("./completions.ts");
    console.log(completions(shell));
    return true;
  }
  if ((name !== "--version" && name !== "-v") || word !== undefined) return false;
  const { versionText } = await import("./version.ts");
  console.log(versionText());
  return true;
}

/** Asks running processes, also without commander: that takes longer to load than they take to answer. */
async function asked(name: string | undefined, words: readonly string[]): Promise<boolean> {
  if (name !== "ps" && name !== "ctl" || words.includes("-h") || words.includes("--help")) return false;
  if (name === "ps") {
    const { runPs } = await import("./ps.ts");
    await runPs(words);
  } else {
    const { runCtl } = await import("./ctl.ts");
    await runCtl(words);
  }
  return true;
}

main(process.argv.slice(2));
