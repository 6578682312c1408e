/**
 * Starts the successor of a restart. If the runtime has `execve`, the successor replaces this process; otherwise the
 * successor is a child that this process waits for.
 * @module
 */
import type { RestartPlan } from "../../src/platform.ts";
import { type DenoLike, ownDeno } from "./deno_like.ts";
import { flushOutput } from "./flush_output.ts";
import { builtinModule, type ChildLike, operatingSystem, type ProcessLike } from "./process_like.ts";

/** How a successor is started. */
export interface RespawnOptions {
  /** The arguments of the executable, if the plan has none. Default: those of this process. */
  readonly args?: readonly string[] | undefined;
  /** Reads the command line of Deno from the operating system, where there is no `/proc`. */
  readonly commandLine?: (() => readonly string[] | undefined) | undefined;
  /** If the successor is a child, called with a function that sends signals to it. */
  readonly child: (passOn: (signal: string) => void) => void;
}

/**
 * Starts the successor. If the successor replaces this process, the call never returns. Otherwise it resolves to the exit code
 * of the child: 128 and the number of the signal if a signal ended the child.
 * @throws {Error} If the successor cannot be started; the message says what is missing.
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
  // On Windows, Node has an `execve` that throws.
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

/** Matches the paths that Bun gives to files inside a compiled executable; on Windows they are on a drive that does not exist. */
const ofBun = /^(\/\$bunfs|[a-z]:[\\/]~BUN)[\\/]/i;

/** Returns the arguments that this process was started with, including the flags of the runtime. */
export function ownArguments(process: ProcessLike): readonly string[] {
  // Bun's watcher goes on in this process, so that its flags would start a second watcher.
  const flags = process.execArgv.filter((flag) => !/^--(watch|hot|no-clear-screen)$/.test(flag));
  const [, program, ...rest] = process.argv;
  // The command line of a compiled executable has no path of a program.
  const inside = program === undefined || program === process.execPath || ofBun.test(program);
  return inside ? [...flags, ...rest] : [...flags, program, ...rest];
}

function onWindows(process: ProcessLike): boolean {
  return operatingSystem(process) === "windows";
}

/** Sends no signal on Windows: the child receives each console event itself, and a signal would end it at once. */
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
  // Checked first, since Deno would prompt for the permission on a terminal.
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

/** Returns the arguments on the command line of Deno. Only a program with all permissions may read them. */
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

// The exit code of a process that Windows ends by Ctrl-C.
// https://learn.microsoft.com/en-us/openspecs/windows_protocols/ms-erref/596a1078-e883-4972-9bbc-49e60bebca55
const statusControlExit = 0xC000_013A;

/** Returns an exit code from 0 to 255. Exit codes of Windows have 32 bits, and the code of a crash must not become 0. */
function exitCodeOf(code: number): number {
  if (code >= 0 && code <= 255) return code;
  return code >>> 0 === statusControlExit ? 130 : 255;
}

// Checks the paths before the call of `execve`, since Node 22 and 24 abort the process if it fails.
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
