/**
 * Whether a signal that is sent to the parent of this process would reach it. `npm run` and `sh -c` pass none on: the
 * shell ends at SIGTERM, and the application is left running, or is killed without a word.
 * @module
 */
import { readFileSync, readlinkSync } from "node:fs";
import process from "node:process";
import { isatty } from "node:tty";

const SHELLS = ["sh", "dash", "bash", "ash", "busybox", "zsh", "ksh", "mksh"];

// In the masks of /proc/<pid>/status, where signal 1 is the lowest bit.
const [SIGINT, SIGTERM] = [1n << 1n, 1n << 14n];

/**
 * Names in one line the parent that does not pass signals on, and what to type instead; `args` are the arguments of
 * `sitebus`. Undefined where the parent does no harm, and where the system does not tell (Linux does).
 */
export function wrapperWarning(args: readonly string[]): string | undefined {
  // There "/proc" would be a folder of the current drive.
  if (process.platform === "win32") return undefined;
  // A person types "npx sitebus …" at a terminal, whose Ctrl-C reaches this process as well.
  if (process.env["npm_lifecycle_event"] === "npx" && isatty(0) && isatty(2)) return undefined;
  try {
    const wrapper = wrapperOf(process.ppid);
    if (wrapper === undefined) return undefined;
    return `"${wrapper}" does not pass signals on to this process: ${instead(wrapper, args)}`;
  } catch {
    // There is no /proc, or this process may not read it.
    return undefined;
  }
}

/** The parent, where SIGTERM ends it and is not passed on. */
function wrapperOf(parent: number): string | undefined {
  const name = readFileSync(`/proc/${parent}/comm`, "utf8").trim();
  const words = readFileSync(`/proc/${parent}/cmdline`, "utf8").split("\0");
  if (/(^|\/)node$/.test(words[0] ?? "") && words.includes("--run")) return "node --run";
  if (!SHELLS.includes(name) || isInBackground(parent)) return undefined;
  // A shell at a prompt ignores SIGTERM, and a shell with a trap for SIGTERM may pass it on.
  const { ignored, caught } = signalsOf(parent);
  if (((ignored | caught) & SIGTERM) !== 0n) return undefined;
  return words[1] === "-c" ? `${name} -c` : name;
}

/** The signals that a process ignores, and those that it listens for, as masks. @throws {Error} If they are not told. */
function signalsOf(pid: number | "self"): { readonly ignored: bigint; readonly caught: bigint } {
  const status = readFileSync(`/proc/${pid}/status`, "utf8");
  const mask = (name: string) =>
    BigInt(`0x${new RegExp(`^${name}:\\s*([\\da-f]+)$`, "m").exec(status)?.[1]}`);
  return { ignored: mask("SigIgn"), caught: mask("SigCgt") };
}

/**
 * Whether the shell has started this process by `&`: then it signals it by its pid, if at all. A shell without job control
 * has such a process ignore SIGINT, which Node undoes, and gives it /dev/null as its input, which is not always to be seen:
 * it may be the input of the shell, too.
 */
function isInBackground(parent: number): boolean {
  if ((signalsOf("self").ignored & SIGINT) !== 0n) return true;
  const [own, its] = ["self", parent].map((pid) => readlinkSync(`/proc/${pid}/fd/0`));
  return own === "/dev/null" && its !== own;
}

function instead(wrapper: string, args: readonly string[]): string {
  const script = process.env["npm_lifecycle_event"];
  if (wrapper === "node --run" || script === "npx") return 'run "node_modules/.bin/sitebus" directly';
  if (process.ppid === 1) return `write CMD ${JSON.stringify(["sitebus", ...args])} in the Dockerfile`;
  if (script === undefined) return 'put "exec" before the command';
  return `put "exec" before the command in the script "${script}" of package.json`;
}
