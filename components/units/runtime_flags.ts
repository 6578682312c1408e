/**
 * The flags of the runtime that a child process is started with, so that it is what this process is.
 * @module
 */
import process from "node:process";
import { ownDeno } from "../../platforms/process/deno_like.ts";

const PERMISSIONS = ["run", "read", "write", "net", "env", "sys", "ffi", "import"];

/**
 * The flags before the program on the command line of a child: those of this process.
 * @throws {Error} Where Deno does not tell what this program may do.
 */
export function runtimeFlags(action: string, given?: readonly string[]): readonly string[] {
  const deno = ownDeno();
  if (deno === undefined) {
    // A watcher of this process is none of the child's.
    return given ?? process.execArgv.filter((flag) => !/^--(watch|hot|no-clear-screen|inspect)/.test(flag));
  }
  const allowed = PERMISSIONS.every((name) => deno.permissions.querySync({ name }).state === "granted");
  if (given === undefined && !allowed) {
    throw new Error(
      `${action}: Deno does not tell its own flags, and guessing them would change what the units may do; ` +
        'pass them as flags: ["--allow-net", "--allow-env"]',
    );
  }
  // Without "run", Deno's own node:child_process adds --allow-all.
  return ["run", "--quiet", "--no-prompt", ...given ?? ["--allow-all"]];
}
