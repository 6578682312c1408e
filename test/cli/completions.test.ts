import { spawnSync } from "node:child_process";
import process from "node:process";
import { describe, expect, test } from "vitest";
import { patient } from "../../scripts/patience.ts";
import { completions } from "../../cli/completions.ts";
import { flagOf, OPTIONS } from "../../cli/options.ts";
import { folderOf, sitebus } from "./_serve.ts";

/** Runs a script in a shell, in a folder with these files; undefined where there is no such shell. */
function run(shell: string, script: string, files: Record<string, string> = {}): string[] | undefined {
  const folder = folderOf({ "complete.sh": completions(shell as "bash"), ...files });
  const { error, stdout, stderr } = spawnSync(shell, ["-c", script], {
    cwd: folder,
    encoding: "utf8",
    timeout: patient(10_000),
    // Nothing of the user's own, nor of where a shell keeps what it has learned.
    env: { PATH: process.env["PATH"], HOME: folder, TERM: "dumb" },
  });
  if ((error as { code?: string } | undefined)?.code === "ENOENT") return undefined;
  expect([error, stderr]).toEqual([undefined, ""]);
  return stdout.split("\n").filter((line) => line !== "").sort();
}

const FILES = { "app.ts": "", "a b.crt": "", "folder/x.ts": "" };
const FLAGS = [...OPTIONS.map(({ key }) => flagOf(key)), "--help"].sort();

describe("bash completes", () => {
  /** The words as bash itself splits them, the last one to be completed. */
  const complete = (...words: string[]) => {
    const line = `
      source complete.sh
      [[ $(complete -p sitebus) == *__sitebus* ]] || echo "it is not in use"
      COMP_WORDS=(${["sitebus", ...words].map((word) => `'${word}'`).join(" ")})
      COMP_CWORD=${words.length}
      __sitebus
      printf '%s\\n' "\${COMPREPLY[@]}"`;
    return run("bash", line, FILES);
  };

  test.each<[string, string[], string[]]>([
    ["the commands", [""], ["--help", "--version", "completions", "serve"]],
    ["a command", ["se"], ["serve"]],
    ["the shells", ["completions", ""], ["--help", "bash", "fish", "zsh"]],
    ["nothing after a shell", ["completions", "zsh", ""], []],
    ["all options", ["serve", "-"], FLAGS],
    ["an option after the module", ["serve", "app.ts", "--tls-"], ["--tls-cert", "--tls-key"]],
    ["the module", ["serve", "a"], ["a b.crt", "app.ts"]],
    ["the module after an option without a value", ["serve", "--health", "ap"], ["app.ts"]],
    ["the module in a folder", ["serve", "folder/"], ["folder/x.ts"]],
    ["a file", ["serve", "--tls-cert", "a "], ["a b.crt"]],
    ["a file after =", ["serve", "--tls-cert", "=", "a "], ["a b.crt"]],
    ["hosts", ["serve", "--host", ""], ["0.0.0.0", "127.0.0.1", "localhost"]],
    ["hosts after =", ["serve", "--host", "="], ["0.0.0.0", "127.0.0.1", "localhost"]],
    ["nothing where a time has to be", ["serve", "--lame-duck", ""], []],
  ])("%s", (_, words, expected) => {
    expect(complete(...words)).toEqual(expected);
  });
});

describe("fish completes", () => {
  test.for<[string, string, readonly string[]]>([
    ["the commands", "sitebus ", ["completions", "serve"]],
    ["the shells", "sitebus completions ", ["bash", "fish", "zsh"]],
    ["all options", "sitebus serve --", FLAGS],
    ["the module", "sitebus serve ap", ["app.ts"]],
    ["a file", "sitebus serve --tls-cert a", ["a b.crt", "app.ts"]],
    ["hosts", "sitebus serve --host ", ["0.0.0.0", "127.0.0.1", "localhost"]],
    ["nothing where a time has to be", "sitebus serve --lame-duck ", []],
  ])("%s", ([_, line, expected], context) => {
    const found = run("fish", `source complete.sh; complete -C '${line}'`, FILES);
    if (found === undefined) return context.skip("this machine has no fish");
    // Each with what it is, after a tab.
    expect(found.map((one) => one.split("\t")[0])).toEqual(expected);
  });
});

describe("zsh completes", () => {
  // Its completions only work at a prompt, which zpty makes; `list-choices` shows what there is.
  const complete = (line: string, shown: string) =>
    run(
      "zsh",
      `zmodload zsh/zpty
      zpty shell zsh -f -i
      zpty -w shell 'autoload -Uz compinit; compinit -u -D; source complete.sh; bindkey "^I" list-choices; echo RE""ADY'
      zpty -r -m shell said '*READY*'
      zpty -n -w shell '${line}'$'\t'
      zpty -r -m shell said '${shown}'
      zpty -d shell
      echo shown`,
      FILES,
    );

  test.for([
    ["the commands", "sitebus ", "*completions*print a script*serve*serve an application*"],
    ["the shells", "sitebus completions ", "*bash*fish*zsh*"],
    ["options", "sitebus serve --t", "*--tls-cert*HTTPS*--tls-key*private key*"],
    ["options after the module", "sitebus serve app.ts --st", "*--start-within*--stop-within*"],
    ["the module", "sitebus serve ap", "*app.ts*"],
    ["files", "sitebus serve --tls-cert=a", "*b.crt*app.ts*"],
    ["hosts", "sitebus serve --host ", "*0.0.0.0*127.0.0.1*localhost*"],
  ])("%s", ([_, line = "", shown = ""], context) => {
    if (complete(line, shown) === undefined) return context.skip("this machine has no zsh");
  });
});

test("sitebus completions prints the script", async () => {
  const { code, lines } = await sitebus(["completions", "bash"]).exited;
  expect([code, lines.join("\n").trimEnd()]).toEqual([0, completions("bash").trimEnd()]);
});
