/**
 * `--daemon`: the command starts itself again, detached from the terminal, and ends when the application is ready or has failed.
 * The two talk over a pipe at a number of its own: JSON lines, written at once, so that nothing is lost where a process ends.
 * @module
 */
import { type ChildProcess, spawn, type StdioOptions } from "node:child_process";
import process from "node:process";
import type { Readable } from "node:stream";
import { durationText } from "../components/log/plain_text.ts";
import { runtimeFlags } from "../components/units/runtime_flags.ts";
import { FAILED, SIGNALED } from "../src/exit_codes.ts";
import { webClock } from "../src/web_clock.ts";
import { ConfigError } from "./config_error.ts";
import { FD, type Message, VARIABLE } from "./daemon_link.ts";
import type { LogFile } from "./log_file.ts";
import { say, writeError } from "./say.ts";

/** How many lines of the output are shown where the application has failed. */
const LAST_LINES = 20;

/** How long the rest of the pipe may take after the end of the daemon, in milliseconds. */
const READ_MS = 300;

/** How a daemon is started. */
export interface DaemonOptions {
  /** The name of the application, for messages. */
  readonly name: string;
  /** The words of this command. */
  readonly words: readonly string[];
  /** Takes what the runtime of the daemon prints itself. */
  readonly logFile: LogFile | undefined;
  readonly quiet: boolean;
  readonly json: boolean;
  /** Milliseconds until the daemon itself must have said that it is ready, or ended. */
  readonly withinMs: number;
}

/**
 * Starts this command again as a daemon, and ends this process: with 0 when the application is ready, else with its exit code,
 * its last lines printed.
 * @throws {ConfigError} On Windows, which has services for that.
 */
export async function startDaemon(options: DaemonOptions): Promise<never> {
  const { name, words, logFile, quiet, json, withinMs } = options;
  if (process.platform === "win32") {
    throw new ConfigError("Cannot use --daemon on Windows: run it as a service there");
  }
  const output: number | "ignore" = logFile?.fd ?? "ignore";
  const stdio: StdioOptions = ["ignore", output, output, "pipe"];
  const [, main = ""] = process.argv;
  const child = spawn(process.execPath, [...runtimeFlags("Cannot use --daemon"), main, ...words], {
    detached: true,
    stdio,
    env: { ...process.env, [VARIABLE]: String(FD) },
  });
  // Ctrl-C while it starts is meant for it, too; this command goes on waiting for its end.
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
    process.on(signal, () => child.pid !== undefined && process.kill(child.pid, "SIGTERM"));
  }
  const { outcome, text } = await settled(child, withinMs);
  if (outcome === "ready") {
    const pid = child.pid;
    const message = `${name} is ready, process ${pid}`;
    if (!quiet && json) {
      writeError(`${JSON.stringify({ time: Date.now(), level: "info", message, event: "daemon", pid })}\n`);
    } else if (!quiet) writeError(`sitebus: ${message}\n`);
    process.exit(0);
  }
  for (const line of lastLines(text)) writeError(`${line}\n`);
  const { code, why } = failureOf(outcome, withinMs);
  say(`Cannot start ${name} as a daemon: ${why}`, { json, event: "daemon", code });
  process.exit(code);
}

type Outcome = "ready" | "late" | { readonly code: number | null; readonly signal: string | null } | {
  readonly error: Error;
};

/** Waits until the daemon is ready, has ended, or is too late and is ended. */
async function settled(
  child: ChildProcess,
  withinMs: number,
): Promise<{ readonly outcome: Outcome; readonly text: string }> {
  let text = "";
  let rest = "";
  const outcome = await new Promise<Outcome>((resolve) => {
    const pipe = child.stdio[FD] as Readable;
    pipe.setEncoding("utf8").on("data", (chunk: string) => {
      const lines = (rest + chunk).split("\n");
      rest = lines.pop() ?? "";
      for (const line of lines) {
        const message = JSON.parse(line) as Message;
        if ("ready" in message) resolve("ready");
        else text = lastLines(text + message.output).join("\n") + (message.output.endsWith("\n") ? "\n" : "");
      }
    });
    pipe.on("error", () => {});
    child.on("error", (error) => resolve({ error }));
    child.on("exit", (code, signal) => {
      const end = () => resolve({ code, signal });
      pipe.on("close", end);
      webClock.setTimer(READ_MS, end);
    });
    webClock.setTimer(withinMs, () => {
      resolve("late");
      child.kill("SIGKILL");
    });
  });
  return { outcome, text };
}

function failureOf(outcome: Exclude<Outcome, "ready">, withinMs: number): { code: number; why: string } {
  if (outcome === "late") return { code: FAILED, why: `it was not ready in ${durationText(withinMs)}` };
  if ("error" in outcome) return { code: FAILED, why: outcome.error.message };
  const { code, signal } = outcome;
  if (signal !== null) return { code: SIGNALED + (signal === "SIGKILL" ? 9 : 15), why: `${signal} ended it` };
  // Nothing runs, so that 0 would be a lie.
  return { code: code || FAILED, why: `it ended with ${code ?? 0} before it was ready` };
}

function lastLines(text: string): string[] {
  return text.replace(/\n$/, "").split("\n").filter((line, at) => line !== "" || at > 0).slice(-LAST_LINES);
}
