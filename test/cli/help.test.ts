import { describe, expect, test } from "vitest";
import { COMMANDS, SHELLS } from "../../cli/arguments.ts";
import { COMPLETIONS_HELP, HELP, SERVE_HELP } from "../../cli/help.ts";
import { flagOf, isSwitch, OPTIONS } from "../../cli/options.ts";
import { sitebus } from "./_serve.ts";

describe.each([["sitebus", HELP], ["serve", SERVE_HELP], ["completions", COMPLETIONS_HELP]])(
  "the help of %s",
  (_, help) => {
    test("fits 80 columns", () => {
      expect(help.split("\n").filter((line) => line.length > 80)).toEqual([]);
    });

    test("begins with what it is, then an example", () => {
      expect(help).toMatch(/^sitebus.*\n\n {2}\S/);
    });
  },
);

test("the help names every command and shell", () => {
  for (const word of [...COMMANDS, ...SHELLS, "--help", "--version"]) expect(HELP).toContain(word);
});

test("the help of serve names every option, with its default and what can be turned off", () => {
  for (const option of OPTIONS) {
    const { key, value, default: typed } = option;
    expect(SERVE_HELP).toMatch(new RegExp(`^  ${flagOf(key)}\\b`, "m"));
    if (value !== undefined) expect(SERVE_HELP).toContain(`${flagOf(key)} ${value}`);
    if (typed !== undefined) expect(SERVE_HELP.replace(/\n\s+/g, " ")).toContain(`(default ${typed})`);
    if (isSwitch(option)) expect(SERVE_HELP).toContain(`--no-${key}`);
  }
});

test.each([[["--help"], HELP], [["serve", "-h"], SERVE_HELP], [["completions", "--help"], COMPLETIONS_HELP]])(
  "sitebus %j prints it",
  async (args, help) => {
    const { code, lines } = await sitebus(args).exited;
    expect([code, lines.join("\n").trimEnd()]).toEqual([0, help.trimEnd()]);
  },
);
