/**
 * Runs `sitebus serve` on a terminal of its own, and types on it.
 * @module
 */
import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { onTestFinished } from "vitest";
import { programArguments } from "../spawn.ts";
import { Screen } from "./_screen.ts";

/** Whether script(1), which makes a terminal, is there. */
export const canMakeTerminal: boolean = existsSync("/usr/bin/script");

const [COLUMNS, ROWS] = [100, 20];

/** A program on a terminal. */
export interface OnTerminal {
  /** What the terminal shows, with what has scrolled away. */
  readonly screen: Screen;
  /** All that was written to the terminal. */
  written(): string;
  /** Resolves when the screen has a line that matches. */
  shows(line: RegExp): Promise<void>;
  /** Types. */
  type(keys: string): void;
  /** Resolves to the exit code. */
  readonly exited: Promise<number | null>;
}

/**
 * Starts `sitebus serve <module>` on a terminal of 100 columns and 20 rows; `script` makes of the command what a shell is
 * to run, by default the command in the place of the shell; `args` are further arguments.
 */
export function onTerminal(
  module: string,
  env: Readonly<Record<string, string>> = {},
  script: (command: string) => string = (command) => `exec ${command}`,
  args: readonly string[] = [],
): OnTerminal {
  const root = fileURLToPath(new URL("../..", import.meta.url));
  const size = `stty cols ${COLUMNS} rows ${ROWS}; ${script('"$RUNTIME" "$@"')}`;
  const main = fileURLToPath(new URL("../../cli/main.ts", import.meta.url));
  const words = [...programArguments(main), "serve", module, "--port", "0", ...args];
  // The runtime's path is not among the arguments, since Deno adds -A to any that look like its own.
  const child = spawn("/bin/sh", ["./test/programs/in_terminal.sh", "sh", "-c", size, "sh", ...words], {
    cwd: root,
    stdio: ["pipe", "pipe", "inherit"],
    env: {
      PATH: process.env["PATH"] ?? "",
      HOME: process.env["HOME"] ?? "",
      TERM: "xterm-256color",
      RUNTIME: process.execPath,
      ...env,
    },
  });
  const screen = new Screen(COLUMNS, ROWS);
  let written = "";
  let rest = "";
  const waiting = new Set<() => void>();
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    written += text;
    // A sequence may come in two pieces.
    // deno-lint-ignore no-control-regex -- it begins with one
    const [, whole = "", part = ""] = /^([^]*?)(\x1b(?:\[[?\d;]*)?)?$/.exec(rest + text) ?? [];
    screen.write(whole);
    rest = part;
    waiting.forEach((look) => look());
  });
  let ended = false;
  const exited = new Promise<number | null>((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (code) => {
      ended = true;
      resolve(code);
      waiting.forEach((look) => look());
    });
  });
  onTestFinished(() => {
    if (!ended) child.kill("SIGKILL");
  });
  return {
    screen,
    written: () => written,
    exited,
    type: (keys) => void child.stdin.write(keys),
    shows: (line) =>
      new Promise((resolve, reject) => {
        const look = () => {
          const found = screen.lines.some((one) => line.test(one));
          if (!found && !ended) return;
          waiting.delete(look);
          if (found) resolve();
          else reject(new Error(`The line ${line} did not come:\n${screen.lines.join("\n")}`));
        };
        waiting.add(look);
        look();
      }),
  };
}
