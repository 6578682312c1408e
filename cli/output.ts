/**
 * Where the command and what it runs print to: the standard error, a log file, or, in a daemon, nowhere.
 * @module
 */
import process from "node:process";
import type { ProcessBus } from "../mod.ts";
import { type DaemonLink, daemonLink } from "./daemon_link.ts";
import { LogFile } from "./log_file.ts";
import { writeError, writeErrorsTo } from "./say.ts";

/** The output of the command. */
export interface Output {
  /** The log file, where there is one. */
  readonly logFile: LogFile | undefined;
  /** The command that waits for this daemon, where there is one. */
  readonly link: DaemonLink | undefined;
  /** Whether lines do not go to the standard error. */
  readonly isFile: boolean;
  /** Writes lines. Never throws. */
  readonly write: (text: string) => void;
  /** Takes what a program printed; undefined where it prints to the outputs of this process itself. */
  readonly take: ((chunk: Uint8Array) => void) | undefined;
  /** Opens the log file again at SIGUSR1. */
  watchSignal(bus: ProcessBus): void;
}

/**
 * Opens the output.
 * @throws {ConfigError} If the log file cannot be opened.
 */
export function outputOf(
  { logFile: path, daemon }: { readonly logFile?: string | undefined; readonly daemon: boolean },
): Output {
  const logFile = path === undefined ? undefined : new LogFile(path);
  const link = daemon ? daemonLink() : undefined;
  const isFile = logFile !== undefined || link !== undefined;
  const decoder = new TextDecoder();
  const write = isFile
    ? (text: string) => {
      logFile?.writeLines(text);
      link?.output(text);
    }
    : writeError;
  // Also what the command says where no bus can say it. The command that only starts a daemon writes to its terminal.
  if (link !== undefined || (logFile !== undefined && !daemon)) writeErrorsTo(write);
  return {
    logFile,
    link,
    isFile,
    write,
    take: !isFile ? undefined : (chunk) => {
      logFile?.write(chunk);
      link?.output(decoder.decode(chunk, { stream: true }));
    },
    watchSignal(bus) {
      if (logFile === undefined || process.platform === "win32") return;
      process.on("SIGUSR1", () => {
        const error = logFile.reopen();
        if (error !== undefined) bus.log(error, { level: "warn", event: "log file" });
      });
    },
  };
}
