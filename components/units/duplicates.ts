/**
 * Duplicates of the held sockets, one set for each thread: a thread closes its number when it ends, and with it every
 * other thread's that has the same.
 * @module
 */
import { fstatSync } from "node:fs";
import { textOf } from "../../src/errors.ts";
import { loadLibc } from "../../platforms/process/libc.ts";
import type { HeldSocket } from "./held_socket.ts";

/** The sockets of one thread. */
export interface Taken {
  /** How the thread finds them, such as "27:web,28:admin"; empty where there are none. */
  readonly words: string;
  /** Closes what the thread has not closed itself. Once, when it is really gone. */
  release(): void;
}

/** Duplicates, and closes the duplicate where another program begins. */
const F_DUPFD_CLOEXEC = 1030;

/** Gives each thread its own. */
export class Duplicates {
  readonly #sockets: () => readonly HeldSocket[];
  /** The numbers that living threads have, and which thread it is. */
  readonly #taken = new Map<number, object>();

  constructor(sockets: () => readonly HeldSocket[]) {
    this.#sockets = sockets;
  }

  /** Duplicates all sockets. @throws {Error} Where this process has no number left. */
  take(): Taken {
    const owner = {};
    const made = this.#sockets().map(({ name, fd }) => {
      const copy = loadLibc().fcntl(fd, F_DUPFD_CLOEXEC, 0);
      if (copy < 0) throw new Error(`Cannot duplicate the socket "${name}": too many files are open`);
      this.#taken.set(copy, owner);
      return { name, copy, mark: markOf(copy) };
    });
    return {
      words: made.map(({ name, copy }) => `${copy}:${name}`).join(","),
      release: () => {
        for (const { copy, mark } of made) {
          // The thread closed it, and another one has the number now.
          if (this.#taken.get(copy) !== owner) continue;
          this.#taken.delete(copy);
          if (mark !== undefined && markOf(copy) === mark) loadLibc().close(copy);
        }
      },
    };
  }
}

/**
 * Checks that threads can be given sockets.
 * @throws {Error} Saying what is missing.
 */
export function checkDuplicates(action: string): void {
  try {
    loadLibc();
  } catch (cause) {
    throw new Error(
      `${action}: threads that listen need a duplicate of each socket, which is made by the C library: ${
        textOf(cause)
      }; kind: "process" needs none`,
      { cause },
    );
  }
}

function markOf(fd: number): string | undefined {
  try {
    const { dev, ino } = fstatSync(fd);
    return `${dev}:${ino}`;
  } catch {
    return undefined;
  }
}
