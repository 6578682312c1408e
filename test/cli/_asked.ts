/**
 * Starts processes with control, in a folder of their own, and asks them by `sitebus ps` and `sitebus ctl`.
 * @module
 */
import { chmodSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { type Exit, type Program, start } from "../spawn.ts";
import { folderOf, sitebus } from "./_serve.ts";

/** A folder of sockets, with what can be done in it. */
export interface Place {
  /** The folder that the sockets are in. */
  readonly sockets: string;
  /** Starts `test/programs/asked.ts`, and waits until it can be asked. */
  asked(told?: object): Promise<Program>;
  /** Runs `sitebus …` to its end. */
  run(...words: string[]): Promise<Exit>;
  /** Starts `sitebus …`. */
  begin(...words: string[]): Program;
}

/** Makes a folder as a login has it, which is removed after the test. */
export function place(): Place {
  const runtime = folderOf({});
  chmodSync(runtime, 0o700);
  const sockets = join(runtime, "sitebus");
  mkdirSync(sockets, { mode: 0o700 });
  const env = { XDG_RUNTIME_DIR: runtime };
  const begin = (...words: string[]) => sitebus(words, { env, timeoutMs: 30_000 });
  return {
    sockets,
    begin,
    run: (...words) => begin(...words).exited,
    async asked(told = {}) {
      const program = start("asked", { args: [JSON.stringify(told)], env, timeoutMs: 60_000 });
      await program.waitForLine("open true");
      return program;
    },
  };
}
