/**
 * The successor of a restart: the same process where the runtime can become another program, else a child that
 * this process waits for.
 * @module
 */
import type { RestartPlan } from "../../src/platform.ts";
import { type DenoLike, ownDeno } from "./deno_like.ts";
import { flushOutput } from "./flush_output.ts";
import { builtinModule, type ChildLike, operatingSystem, type ProcessLike } from "./process_like.ts";

/** How a successor is started. */
export interface RespawnOptions {
  /** What follows the executable, where the plan has none. Default: as this process was started. */
  readonly args?: readonly string[] | undefined;
  /** What Deno was started with, as the operating system tells, where `/proc` does not. */
  readonly commandLine?: (() => readonly string[] | undefined) | undefined;
  /** Is given the way to send signals to the child, where there is one. */
  readonly child: (passOn: (signal: string) => void) => void;
}

/**
 * Starts the successor. Never returns where this process becomes it; else resolves to the child's exit code, 128
 * and the number where it died of a signal.
 * @throws {Error} where it cannot be started, saying what is missing.
 */
export async function respawn(
  process: ProcessLike,
  plan: RestartPlan,
  options: RespawnOptions,
): Promise<number> {
  const deno = process.versions["deno"] === undefined ? undefined : ownDeno();
  if (deno !== undefined) return await respawnDeno(process, deno, { plan, options });
  const file = process.execPath;
  const args = plan.args ?? options.args ?? ownArguments(process);
  checkPaths(process, file, plan.cwd);
  // Node has one on Windows too, which throws.
  if (process.execve === undefined || onWindows(process)) {
    const { spawn } = builtinModule(process, "node:child_process");
    const child = spawn(file, args, { stdio: "inherit", env: plan.env, cwd: plan.cwd });
    options.child(passTo(process, (signal) => child.pid !== undefined && process.kill(child.pid, signal)));
    return await endOf(process, child);
  }
  await flushOutput(process);
  if (plan.cwd !== undefined) process.chdir(plan.cwd);
  try {
    return process.execve(file, [file, ...args], plan.env ?? definedOnly(process.env));
  } catch (cause) {
    throw new Error(`Cannot restart: this process could not become "${file}"`, { cause });
  }
}

/** Where Bun has what is inside an executable: on Windows on a drive that there is not. */
const ofBun = /^(\/\$bunfs|[a-z]:[\\/]~BUN)[\\/]/i;

/** What follows the executable on this process's own command line. */
export function ownArguments(process: ProcessLike): readonly string[] {
  // A watcher of Bun restarts in the same process, and would be there twice.
  const flags = process.execArgv.filter((flag) => !/^--(watch|hot|no-clear-screen)$/.test(flag));
  const [, program, ...rest] = process.argv;
  // In a program compiled to an executable, the program is inside it.
  const inside = program === undefined || program === process.execPath || ofBun.test(program);
  return inside ? [...flags, ...rest] : [...flags, program, ...rest];
}

function onWindows(process: ProcessLike): boolean {
  return operatingSystem(process) === "windows";
}

/** On Windows the child has each console event by itself, and a signal that is sent to it would end it at once. */
function passTo(process: ProcessLike, send: (signal: string) => void): (signal: string) => void {
  return onWindows(process) ? () => {} : send;
}

async function respawnDeno(
  process: ProcessLike,
  deno: DenoLike,
  { plan, options }: { readonly plan: RestartPlan; readonly options: RespawnOptions },
): Promise<number> {
  const file = deno.execPath();
  const args = plan.args ?? options.args ?? (options.commandLine ?? (() => denoArguments(deno)))();
  if (args === undefined) {
    const [flag, platform] = onWindows(process) ? ["--allow-ffi", "windows"] : ["--allow-all", "posix"];
    throw new Error(
      `Cannot restart: Deno tells its own flags only under ${flag}, and guessing them would change what the ` +
        `program may do; pass them as ${platform}({ restart: { args: ["run", "--allow-net", "main.ts"] } })`,
    );
  }
  // Asking first, since Deno would prompt on a terminal.
  if (deno.permissions.querySync({ name: "run", command: file }).state !== "granted") {
    throw new Error(`Cannot restart: Deno may not run "${file}"; pass --allow-run=${file}`);
  }
  const child = new deno.Command(file, {
    args: [...args],
    stdin: "inherit",
    stdout: "inherit",
    stderr: "inherit",
    ...(plan.cwd !== undefined && { cwd: plan.cwd }),
    ...(plan.env !== undefined && { env: { ...plan.env }, clearEnv: true }),
  }).spawn();
  options.child(passTo(process, (signal) => child.kill(signal as never)));
  return exitCodeOf((await child.status).code);
}

/** Deno's real command line, which it lets only a program read that may do everything. */
function denoArguments(deno: DenoLike): readonly string[] | undefined {
  const names = ["run", "read", "write", "net", "env", "sys", "ffi", "import"];
  if (!names.every((name) => deno.permissions.querySync({ name }).state === "granted")) return undefined;
  try {
    return deno.readTextFileSync("/proc/self/cmdline").split("\0").slice(1, -1);
  } catch {
    return undefined; // no such file on this operating system
  }
}

function endOf(process: ProcessLike, child: ChildLike): Promise<number> {
  const numbers = builtinModule(process, "node:os").constants.signals;
  return new Promise((resolve, reject) => {
    child.on("error", (cause) => reject(new Error("Cannot restart: the child did not start", { cause })));
    child.on("exit", (code, signal) => resolve(exitCodeOf(code ?? 128 + (numbers[signal ?? ""] ?? 0))));
  });
}

// What Windows ends a process with that does not take Ctrl-C.
// https://learn.microsoft.com/en-us/openspecs/windows_protocols/ms-erref/596a1078-e883-4972-9bbc-49e60bebca55
const statusControlExit = 0xC000_013A;

/** A code that the bus can end with: those of Windows have 32 bits, and what crashed there must not look well. */
function exitCodeOf(code: number): number {
  if (code >= 0 && code <= 255) return code;
  return code >>> 0 === statusControlExit ? 130 : 255;
}

// Checked before, since Node 22 and 24 abort where the exec fails.
function checkPaths(process: ProcessLike, file: string, directory: string | undefined): void {
  const { accessSync, constants, statSync } = builtinModule(process, "node:fs");
  try {
    accessSync(file, constants.X_OK);
  } catch (cause) {
    throw new Error(`Cannot restart: "${file}" is not executable`, { cause });
  }
  if (directory !== undefined && !statSync(directory, { throwIfNoEntry: false })?.isDirectory()) {
    throw new Error(`Cannot restart: the working directory "${directory}" is no directory`);
  }
}

function definedOnly(env: ProcessLike["env"]): Record<string, string> {
  return Object.fromEntries(
    Object.entries(env).filter((entry): entry is [string, string] => entry[1] !== undefined),
  );
}
