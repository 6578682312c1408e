import { spawnSync } from "node:child_process";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { beforeEach, describe, expect, test } from "vitest";
import { patient } from "../../scripts/patience.ts";
import { programArguments, runtime } from "../spawn.ts";
import { canMakeTerminal, onTerminal } from "./_in_terminal.ts";
import { folderOf, moduleOf } from "./_serve.ts";

// It ends by itself when the warning has been given: nothing has to be signalled.
const APPLICATION = "export const setup = () => process.exit(0); export default () => new Response();";
const MAIN = fileURLToPath(new URL("../../cli/main.ts", import.meta.url));

/** The command `sitebus serve app.mjs`, as words of a shell. */
const COMMAND = ["$RUNTIME", ...programArguments(MAIN), "serve", "app.mjs"].join(" ");

/** What is said where `words` are run in a folder with these files. */
function warnings(words: readonly string[], files: Readonly<Record<string, string>> = {}): readonly string[] {
  const [command = "", ...args] = words;
  const { PATH, HOME } = process.env;
  const { error, status, stdout, stderr } = spawnSync(command, args, {
    cwd: folderOf({ "app.mjs": APPLICATION, ...files }),
    encoding: "utf8",
    timeout: patient(14_000),
    // A pipe: on some runtimes it would have no input at all.
    input: "\n",
    env: { PATH, HOME, RUNTIME: process.execPath, NO_COLOR: "1", npm_config_update_notifier: "false" },
  });
  expect([error, status]).toEqual([undefined, 0]);
  return (stdout + stderr).split("\n").filter((line) => line.startsWith("sitebus: warning: "));
}

const script = (start: string) => ({ "package.json": JSON.stringify({ scripts: { start } }) });
const said = (wrapper: string, instead: string) => [
  `sitebus: warning: "${wrapper}" does not pass signals on to this process: ${instead}`,
];

beforeEach((context) => {
  // `npm test` leaves it behind, and a child on Deno gets it also where `env` does not name it.
  delete process.env["npm_lifecycle_event"];
  if (process.platform !== "linux") context.skip("only Linux says who the parent is");
});

describe(
  "who does not pass signals on is named, with what to type instead",
  () => {
    test("sh -c, where the shell stays", () => {
      expect(warnings(["sh", "-c", `${COMMAND}; exit`])).toEqual(
        said("sh -c", 'put "exec" before the command'),
      );
    });

    test("a script of the shell", () => {
      const files = { "start.sh": `#!/bin/sh\n${COMMAND}\nexit\n` };
      expect(warnings(["sh", "start.sh"], files)).toEqual(said("sh", 'put "exec" before the command'));
    });

    test("npm run", () => {
      // Some shells become the last command of their own accord: this one has another to come.
      expect(warnings(["npm", "start"], script(`${COMMAND}; exit`))).toEqual(
        said("sh -c", 'put "exec" before the command in the script "start" of package.json'),
      );
    });

    test("npx", () => {
      expect(warnings(["npx", "-c", `${COMMAND}; exit`])).toEqual(
        said("sh -c", 'run "node_modules/.bin/sitebus" directly'),
      );
    });

    test("node --run, even of a script that says exec", (context) => {
      if (runtime !== "node") return context.skip("it is Node's");
      const expected = said("node --run", 'run "node_modules/.bin/sitebus" directly');
      expect(warnings([process.execPath, "--run", "start"], script(`exec ${COMMAND}`))).toEqual(expected);
    });

    test("the shell of a container", (context) => {
      const unshare = ["unshare", "--pid", "--fork", "--mount-proc"];
      if (spawnSync(unshare[0] as string, [...unshare.slice(1), "true"]).status !== 0) {
        return context.skip("this user may not make a namespace");
      }
      expect(warnings([...unshare, "sh", "-c", `${COMMAND}; exit`])).toEqual(
        said("sh -c", 'write CMD ["sitebus","serve","app.mjs"] in the Dockerfile'),
      );
    });
  },
);

describe("nothing is said", () => {
  test("where the shell has started it in the background, and has its pid", () => {
    expect(warnings(["sh", "-c", `${COMMAND} & wait $!`])).toEqual([]);
  });

  test.each([["sh -c", ["sh", "-c", `exec ${COMMAND}`]], ["env", ["env", ...COMMAND.split(" ")]]])(
    "where %s has become the command, or starts it itself",
    (_, words) => {
      expect(warnings(words.map((word) => word === "$RUNTIME" ? process.execPath : word))).toEqual([]);
    },
  );

  test("where npx is typed at a terminal, whose Ctrl-C reaches the command", async (context) => {
    if (!canMakeTerminal) return context.skip("script(1), which makes a terminal, is not installed");
    const behindShell = (event: string) => {
      const module = moduleOf("export default () => new Response();");
      return onTerminal(module, { npm_lifecycle_event: event }, (command) => `${command}; exit $?`);
    };
    for (const [event, count] of [["npx", 0], ["start", 1]] as const) {
      const program = behindShell(event);
      await program.shows(/Ctrl-C stops it/);
      program.type("\x03");
      await program.exited;
      expect(program.written().split("does not pass signals on").length - 1, event).toBe(count);
    }
  });

  test("where a script of npm says exec", () => {
    expect(warnings(["npm", "start"], script(`exec ${COMMAND}`))).toEqual([]);
  });

  test("where the shell has a trap, and may pass signals on", () => {
    expect(warnings(["sh", "-c", `trap 'kill $!' TERM; ${COMMAND} & wait $!`])).toEqual([]);
  });

  test("where the shell is one at a prompt, which stays when it is signalled", (context) => {
    if (spawnSync("bash", ["--version"]).error) return context.skip("this machine has no bash");
    expect(warnings(["bash", "--norc", "-i", "-c", `${COMMAND}; exit`])).toEqual([]);
  });
});
