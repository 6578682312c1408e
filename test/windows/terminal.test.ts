import { spawn } from "node:child_process";
import { describe, expect, onTestFinished, test } from "vitest";
import type { WindowsRuntime } from "../../scripts/windows/builds.ts";
import { canMakeTerminal } from "../cli/_in_terminal.ts";
import { makeRun, wordsOf } from "./_run.ts";

// One runtime of each kind, since each needs a Wine of its own, whose console is the terminal.
const runtimes: readonly WindowsRuntime[] = ["node26", "deno", "bun"];

/** Runs a program on a console, types Ctrl-C once it has printed what matches, and resolves to what it printed. */
async function typeCtrlC(runtime: WindowsRuntime, args: readonly string[], after: RegExp) {
  const run = makeRun();
  const words = [...run.command, ...wordsOf(runtime, "windows_restart", { args })];
  const child = spawn("/bin/sh", ["./test/programs/in_terminal.sh", ...words], {
    stdio: ["pipe", "pipe", "ignore"],
  });
  onTestFinished(() => {
    child.kill("SIGKILL");
    run.remove();
  });
  let text = "";
  let typed = false;
  child.stdout.setEncoding("utf8").on("data", (more: string) => {
    text += more;
    if (typed || !after.test(text)) return;
    typed = true;
    child.stdin.write("\x03");
  });
  await new Promise((resolve) => child.on("close", resolve));
  return text;
}

describe("Ctrl-C on a console", () => {
  test.for(runtimes)(
    "reaches the child of a restart on %s once, and its exit code is the parent's",
    async (runtime, context) => {
      if (!canMakeTerminal) context.skip("there is no script(1) to make a terminal");
      const text = await typeCtrlC(runtime, ["parent", "word"], /second \d+ \[/);
      expect(text.match(/(first|second) has CTRL_C/g)).toEqual(["second has CTRL_C"]);
      expect(text).toContain("cleaned up");
      // On Linux the exit code of a Wine process is sometimes 0; restart.test.ts asks Windows for the code.
      expect(text).toContain("first exits with 44");
    },
  );
});
