import { describe, expect, test } from "vitest";
import { COMMAND_FLAGS } from "../../cli/command_flags.ts";
import { COMMANDS, SHELLS } from "../../cli/command_list.ts";
import { VERB_NAMES } from "../../cli/control/verbs.ts";
import { flagOf, isSwitch, OPTIONS, typedFlag } from "../../cli/options.ts";
import { sitebus } from "./_serve.ts";

/** What `sitebus …` prints. */
async function help(...words: string[]): Promise<string> {
  const { code, lines } = await sitebus(words).exited;
  expect(code).toBe(0);
  return lines.join("\n");
}

describe("the help of", () => {
  test.each([[[]], [["serve"]], [["ps"]], [["ctl"]], [["analyze"]], [["doctor"]], [["completions"]]])(
    "sitebus %j fits 80 columns and has examples",
    async (words) => {
      const text = await help(...words, "--help");
      expect(text.split("\n").filter((line) => line.length > 80)).toEqual([]);
      expect(text).toMatch(/^Usage: sitebus.*\n\nsitebus.*\n\n {2}\S/);
    },
  );

  test("sitebus names every command", async () => {
    const text = await help("--help");
    for (const word of [...Object.keys(COMMANDS), "--help", "--version"]) expect(text).toContain(word);
    expect(await help("help")).toBe(text);
  });

  test("serve names every option, its default, its variable, and how it is turned off", async () => {
    const text = await help("help", "serve");
    const flat = text.replace(/\n\s+/g, " ");
    for (const option of OPTIONS) {
      const { key, short, value, default: typed, env } = option;
      expect(text).toMatch(new RegExp(`^  (${short}, )?${typedFlag(option)}\\b`, "m"));
      if (short !== undefined) expect(text).toContain(`${short}, ${flagOf(key)}`);
      if (value !== undefined) expect(text).toContain(`${flagOf(key)} ${value}`);
      if (typed !== undefined) {
        expect(flat).toContain(`(default ${typed}${env === undefined ? "" : `, or $${env}`})`);
      }
      if (isSwitch(option)) expect(text).toContain(`--no-${key}`);
    }
  });

  test("ctl names everything that a process can be asked", async () => {
    const text = await help("ctl", "--help");
    for (const name of VERB_NAMES) expect(text).toMatch(new RegExp(`^  ${name} `, "m"));
  });

  test.each(Object.entries(COMMAND_FLAGS))("%s names all its flags", async (name, flags) => {
    const text = await help("help", name);
    for (const flag of Object.keys(flags)) expect(text).toMatch(new RegExp(`^  ${flag}\\b`, "m"));
  });

  test("completions names every shell", async () => {
    const text = await help("help", "completions");
    for (const shell of SHELLS) expect(text).toContain(`completions ${shell}`);
  });
});
