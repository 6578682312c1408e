/**
 * Starts a program of `test/programs/` in the runtime that runs the tests: real signals, exits and pipes belong in a
 * process of their own. Everything has a limit, and what a test started ends with it.
 * @module
 */
import { type ChildProcess, spawn } from "node:child_process";
import { isAbsolute } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { onTestFinished } from "vitest";
import { patient } from "../scripts/patience.ts";

/** The runtime that runs the tests. */
export const runtime: "node" | "deno" | "bun" = "Deno" in globalThis
  ? "deno"
  : "Bun" in globalThis
  ? "bun"
  : "node";

/** How a program is started. */
export interface StartOptions {
  /** The program's arguments. */
  readonly args?: readonly string[];
  /** The working directory. Default: that of the repository. */
  readonly cwd?: string;
  /** Added to the environment. */
  readonly env?: Readonly<Record<string, string>>;
  /** The runtime's own flags. */
  readonly flags?: readonly string[];
  /** What Deno grants. Default all. */
  readonly denoPermissions?: readonly string[];
  /** Whether Deno may ask for more on a terminal. Default false. */
  readonly denoPrompts?: boolean;
  /** Whether Deno serves the program's default export, on a free port of 127.0.0.1. Default false. */
  readonly denoServes?: boolean;
  /** The path of another runtime of the same kind. Default: the one that runs the tests. */
  readonly executable?: string;
  /** What is run before the runtime, such as `["nohup"]`; words without spaces. */
  readonly launcher?: readonly string[];
  /** Milliseconds until the program is killed and `exited` rejects; they scale with the machine. Default 10000. */
  readonly timeoutMs?: number;
  /** Whether the program has a standard input that the test writes to. Default false: there is none. */
  readonly input?: boolean;
  /** Whether lines are read from the start. Default true; else when `read` is called, so that the pipe is full meanwhile. */
  readonly reads?: boolean;
}

/** How a program ended. */
export interface Exit {
  readonly code: number | null;
  readonly signal: string | null;
  /** Milliseconds from its start. */
  readonly ms: number;
  /** All it printed, on both outputs, in order. */
  readonly lines: readonly string[];
}

/** A program that runs. */
export interface Program {
  readonly pid: number;
  /** What it printed so far. */
  readonly lines: readonly string[];
  /** Resolves when it has ended and all it printed is read; rejects where that takes longer than allowed. */
  readonly exited: Promise<Exit>;
  /** Resolves to the first line that contains `text`, printed already or yet to come; rejects where it ends without. */
  waitForLine(text: string): Promise<string>;
  /** Sends a signal, to this program or another of its processes. */
  kill(signal: NodeJS.Signals, pid?: number): void;
  /** Reads the lines from now on. */
  read(): void;
  /** Writes to its standard input, or ends it. */
  write(text: string | undefined): void;
  /** Closes the pipe that it prints to. */
  closeOutput(): void;
}

/** What follows the runtime's own executable to run a program file. */
export function programArguments(
  file: string,
  options: Pick<StartOptions, "flags" | "denoPermissions" | "denoPrompts" | "denoServes"> = {},
): string[] {
  const { flags = [], denoPermissions = ["-A"], denoPrompts = false, denoServes = false } = options;
  if (runtime !== "deno") return [...flags, file];
  const command = denoServes ? ["serve", "--host", "127.0.0.1", "--port", "0"] : ["run", "--quiet"];
  return [...command, ...(denoPrompts ? [] : ["--no-prompt"]), ...denoPermissions, ...flags, file];
}

/** Starts `test/programs/<name>.ts`, or the file that an absolute path names. */
export function start(name: string, options: StartOptions = {}): Program {
  const { args = [], env = {}, launcher = [], reads = true } = options;
  const timeoutMs = patient(options.timeoutMs ?? 10_000);
  const file = isAbsolute(name) ? name : fileURLToPath(new URL(`./programs/${name}.ts`, import.meta.url));
  const words = [...programArguments(file, options), ...args];
  const begun = performance.now();
  // By a shell that becomes the program, so that both outputs share one pipe. The runtime's path is not among the
  // arguments, since Deno adds -A to any that look like its own.
  const child = spawn("/bin/sh", ["-c", 'exec $LAUNCHER "$RUNTIME" "$@" 2>&1', "sh", ...words], {
    stdio: [options.input ? "pipe" : "ignore", "pipe", "inherit"],
    cwd: options.cwd ?? fileURLToPath(new URL("..", import.meta.url)),
    env: {
      ...clean(process.env),
      NO_COLOR: "1",
      ...env,
      RUNTIME: options.executable ?? process.execPath,
      LAUNCHER: launcher.join(" "),
    },
  });
  const lines: string[] = [];
  const waiting = new Set<() => void>();
  let ended: Exit | undefined;
  const exited = endOf(child, timeoutMs, () => `${name} ${args.join(" ")} printed\n${lines.join("\n")}`)
    .then(({ code, signal }) => {
      ended = { code, signal, ms: performance.now() - begun, lines };
      return ended;
    })
    .finally(() => waiting.forEach((look) => look()));
  exited.catch(() => {});
  let rest = "";
  const read = () => {
    child.stdout!.setEncoding("utf8").on("data", (text: string) => {
      const parts = (rest + text).split("\n");
      rest = parts.pop() ?? "";
      lines.push(...parts);
      waiting.forEach((look) => look());
    });
  };
  if (reads) read();
  const kill = (signal: NodeJS.Signals, pid = child.pid) => {
    // Not `child.kill`: Deno would report the signal in place of the exit code.
    if (pid !== undefined) process.kill(pid, signal);
  };
  onTestFinished(() => {
    if (child.exitCode !== null || child.signalCode !== null || ended !== undefined) return;
    try {
      kill("SIGKILL");
    } catch (error) {
      // It has ended just now, and this process has not been told yet.
      if ((error as { code?: string }).code !== "ESRCH") throw error;
    }
  });
  return {
    pid: child.pid ?? 0,
    lines,
    exited,
    kill,
    read,
    closeOutput: () => child.stdout!.destroy(),
    write: (text) => void (text === undefined ? child.stdin?.end() : child.stdin?.write(text)),
    waitForLine: (text) =>
      new Promise((resolve, reject) => {
        const look = () => {
          const found = lines.find((line) => line.includes(text));
          if (found === undefined && ended === undefined) return;
          waiting.delete(look);
          if (found !== undefined) resolve(found);
          else reject(new Error(`The line "${text}" did not come; ${name} printed\n${lines.join("\n")}`));
        };
        waiting.add(look);
        exited.catch(reject);
        look();
      }),
  };
}

function endOf(
  child: ChildProcess,
  timeoutMs: number,
  told: () => string,
): Promise<{ readonly code: number | null; readonly signal: string | null }> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      child.kill("SIGKILL");
      reject(new Error(`The program did not end within ${timeoutMs} ms; ${told()}`));
    }, timeoutMs);
    child.on("error", reject);
    child.on("exit", () => clearTimeout(timer));
    child.on("close", (code, signal) => resolve({ code, signal }));
  });
}

/** The environment without what the test runner put there for itself. */
function clean(env: NodeJS.ProcessEnv): Record<string, string> {
  const kept = Object.entries(env).filter(([name]) => !/^(NODE_|VITEST|BUN_|DENO_)/.test(name));
  return Object.fromEntries(kept) as Record<string, string>;
}

/** Resolves after real time. */
export function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
