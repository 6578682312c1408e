import { spawnSync } from "node:child_process";
import { join } from "node:path";
import process from "node:process";
import { describe, expect, test } from "vitest";
import { patient } from "../../scripts/patience.ts";
import { completions } from "../../cli/completions.ts";
import { COMMAND_FLAGS } from "../../cli/command_flags.ts";
import { COMMANDS, type Shell, SHELLS } from "../../cli/command_list.ts";
import { OPTIONS, typedFlag } from "../../cli/options.ts";
import { folderOf, sitebus } from "./_serve.ts";

/** Runs a script in a shell, in a folder with these files; undefined where there is no such shell. */
function run(shell: string, script: string, files: Record<string, string> = {}): string[] | undefined {
  const own = shell === "pwsh" ? {} : { "complete.sh": completions(shell as Shell) };
  const folder = folderOf({ ...own, ...files });
  const { error, stdout, stderr } = spawnSync(shell, ["-c", script], {
    cwd: folder,
    encoding: "utf8",
    timeout: patient(10_000),
    // Nothing of the user's own, nor of where a shell keeps what it has learned.
    env: { PATH: process.env["PATH"], HOME: folder, TERM: "dumb", XDG_RUNTIME_DIR: join(folder, "run") },
  });
  if ((error as { code?: string } | undefined)?.code === "ENOENT") return undefined;
  expect([error, stderr]).toEqual([undefined, ""]);
  return stdout.split("\n").filter((line) => line !== "").sort();
}

const FLAGS_OF_SERVE = [...OPTIONS.map(typedFlag), "--help"].sort();
const FILES = {
  ...{ "app.ts": "", "a b.crt": "", "folder/x.ts": "" },
  // The completions go by the names of the sockets alone.
  ...{ "run/sitebus/complete-me-17.sock": "", "run/sitebus/complete-$(id)-18.sock": "" },
};
const COMMAND_NAMES = Object.keys(COMMANDS).sort();
const ALL_COMMANDS = [...COMMAND_NAMES, "help"].sort();
const DOCTOR_FLAGS = [...FLAGS_OF_SERVE, ...Object.keys(COMMAND_FLAGS.doctor)].sort();

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
    ["the commands", [""], ["--help", "--version", ...ALL_COMMANDS]],
    ["a command", ["se"], ["serve"]],
    ["the shells", ["completions", ""], ["--help", ...SHELLS].sort()],
    ["nothing after a shell", ["completions", "zsh", ""], []],
    ["all options", ["serve", "-"], FLAGS_OF_SERVE],
    ["an option after the module", ["serve", "app.ts", "--tls-"], ["--tls-cert", "--tls-key"]],
    ["the module", ["serve", "a"], ["a b.crt", "app.ts"]],
    ["the module after an option without a value", ["serve", "--health", "ap"], ["app.ts"]],
    ["the module in a folder", ["serve", "folder/"], ["folder/x.ts"]],
    ["a file", ["serve", "--tls-cert", "a "], ["a b.crt"]],
    ["a file after =", ["serve", "--tls-cert", "=", "a "], ["a b.crt"]],
    ["hosts", ["serve", "--host", ""], ["0.0.0.0", "127.0.0.1", "localhost"]],
    ["hosts after =", ["serve", "--host", "="], ["0.0.0.0", "127.0.0.1", "localhost"]],
    ["nothing where a time has to be", ["serve", "--lame-duck", ""], []],
    ["nothing where a port has to be", ["serve", "-p", ""], []],
    ["the commands that have a help", ["help", ""], COMMAND_NAMES],
    ["the processes that run", ["ctl", "complete-"], ["complete-me"]],
    ["what a process can be asked", ["ctl", "shop", "r"], ["reload", "restart", "roll"]],
    ["the flags of ctl", ["ctl", "shop", "log", "--l"], ["--level"]],
    ["the levels of a log", ["ctl", "shop", "log", "--level", "w"], ["warn"]],
    ["the flag of ps", ["ps", "-"], ["--help", "--json"]],
    ["the flags of supervise", ["supervise", "--st"], ["--steady", "--stop-within"]],
    ["a file of supervise", ["supervise", "--pid-file", "folder/"], ["folder/x.ts"]],
    ["a file of analyze", ["analyze", "--html", "a"], ["a b.crt", "app.ts"]],
    ["the module of analyze", ["analyze", "ap"], ["app.ts"]],
    ["all options of doctor", ["doctor", "-"], DOCTOR_FLAGS],
  ])("%s", (_, words, expected) => {
    expect(complete(...words)).toEqual(expected);
  });
});

describe("fish completes", () => {
  test.for<[string, string, readonly string[]]>([
    ["the commands", "sitebus ", ALL_COMMANDS],
    ["the processes that run", "sitebus ctl complete-", ["complete-$(id)", "complete-me"]],
    ["what a process can be asked", "sitebus ctl shop re", ["reload", "restart"]],
    ["the module of doctor", "sitebus doctor ap", ["app.ts"]],
    ["the flags of supervise", "sitebus supervise --st", ["--steady", "--stop-within"]],
    ["the shells", "sitebus completions ", [...SHELLS].sort()],
    ["all options", "sitebus serve --", FLAGS_OF_SERVE],
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
    ["the shells", "sitebus completions ", "*bash*fish*powershell*zsh*"],
    ["the commands that have a help", "sitebus help ", "*completions*serve*"],
    ["the processes that run", "sitebus ctl complete-m", "*complete-me*"],
    ["what a process can be asked", "sitebus ctl shop re", "*reload*restart*"],
    ["the flags of supervise", "sitebus supervise --st", "*--steady*--stop-within*"],
    ["options", "sitebus serve --t", "*--tls-cert*HTTPS*--tls-key*private key*"],
    ["options after the module", "sitebus serve app.ts --st", "*--start-within*--stop-within*"],
    ["the module", "sitebus serve ap", "*app.ts*"],
    ["files", "sitebus serve --tls-cert=a", "*b.crt*app.ts*"],
    ["hosts", "sitebus serve --host ", "*0.0.0.0*127.0.0.1*localhost*"],
  ])("%s", ([_, line = "", shown = ""], context) => {
    if (complete(line, shown) === undefined) return context.skip("this machine has no zsh");
  });
});

describe("PowerShell completes", () => {
  test.for<[string, string, readonly string[]]>([
    ["the commands", "sitebus ", ALL_COMMANDS],
    ["a command", "sitebus se", ["serve"]],
    ["the shells", "sitebus completions ", SHELLS],
    ["the commands that have a help", "sitebus help ", COMMAND_NAMES],
    ["options", "sitebus serve --tls-", ["--tls-cert", "--tls-key"]],
    ["hosts", "sitebus serve --host ", ["127.0.0.1", "0.0.0.0", "localhost"]],
  ])("%s", ([_, line, expected], context) => {
    const ask = `. ./complete.ps1; (TabExpansion2 '${line}' ${line.length}).CompletionMatches.CompletionText`;
    const found = run("pwsh", ask, { "complete.ps1": completions("powershell") });
    if (found === undefined) return context.skip("this machine has no PowerShell");
    expect(found).toEqual([...expected].sort());
  });

  test("by a script that names every command, option and value, and quotes all of them", () => {
    const script = completions("powershell");
    for (const option of OPTIONS) {
      expect(script).toContain(`    '${typedFlag(option)}' = '${option.what}'\n`);
    }
    expect(script).toContain("    '--host' = @('127.0.0.1', '0.0.0.0', 'localhost')\n");
    expect(script).toContain("    'serve' = 'serve an application over HTTP'\n");
    expect(script.split("'").length % 2).toBe(1);
  });
});

test("sitebus completions prints the script", async () => {
  const { code, lines } = await sitebus(["completions", "bash"]).exited;
  expect([code, lines.join("\n").trimEnd()]).toEqual([0, completions("bash").trimEnd()]);
});
