/**
 * The pipe from a daemon to the command that has started it: JSON lines, written at once, so that nothing is lost where a process
 * ends.
 * @module
 */
import { closeSync, writeSync } from "node:fs";
import process from "node:process";

/** The variable that tells a process that it is the daemon, and the number of its pipe. */
export const VARIABLE = "SITEBUS_DAEMON";
export const FD = 3;

/** A message of the daemon to the command that started it. */
export type Message = { readonly output: string } | { readonly ready: true };

/** The end of the pipe in the daemon. */
export interface DaemonLink {
  /** Passes on what was printed; after `ready`, nothing happens. */
  output(text: string): void;
  /** The application is ready: the command that waits may end. */
  ready(): void;
}

/** The link of this process to the command that has started it as a daemon; undefined where none has. */
export function daemonLink(): DaemonLink | undefined {
  if (process.env[VARIABLE] !== String(FD)) return undefined;
  // Processes that are started from here are no daemons of that command.
  delete process.env[VARIABLE];
  let isOpen = true;
  const tell = (message: Message) => {
    if (!isOpen) return;
    try {
      writeSync(FD, `${JSON.stringify(message)}\n`);
    } catch {
      // Nobody waits any more.
      isOpen = false;
    }
  };
  return {
    output: (output) => tell({ output }),
    ready() {
      tell({ ready: true });
      if (isOpen) closeSync(FD);
      isOpen = false;
    },
  };
}
