/**
 * One bus a process holds its signals. The mark is on `process` itself, since two copies of this package may
 * meet in one program.
 * @module
 */
import type { ProcessLike } from "./process_like.ts";

const mark = Symbol.for("sitebus.process");

interface Holder {
  readonly bus: string;
  /** Set once the bus has left: it still holds its signals, so that none kills the flush, but a successor may come. */
  release?: () => void;
}

/** The process, held for one bus. */
export interface Held {
  /** Lets go of what a bus that has left still held. Called after the own signals are armed, so that none falls between. */
  takeOver(): void;
  /** Undoes the mark: the bus could not attach. */
  giveBack(): void;
  /** Gives the process free for a successor, which calls `release` when it takes over. */
  free(release: () => void): void;
}

/** Whether a bus holds the process that has not left. */
export function isProcessHeld(process: ProcessLike): boolean {
  const holder = (process as ProcessLike & { [mark]?: Holder })[mark];
  return holder !== undefined && holder.release === undefined;
}

/**
 * Marks the process as held by `bus`.
 * @throws {Error} where another bus holds it, naming that one.
 */
export function holdProcess(process: ProcessLike, bus: string): Held {
  const marked = process as ProcessLike & { [mark]?: Holder };
  const previous = marked[mark];
  if (previous !== undefined && previous.release === undefined) {
    throw new Error(
      `Cannot attach the bus "${bus}" to this process: the bus "${previous.bus}" holds its signals; ` +
        `give one of them the platform embedded()`,
    );
  }
  const holder: Holder = { bus };
  marked[mark] = holder;
  return {
    takeOver: () => previous?.release?.(),
    giveBack: () => {
      if (previous === undefined) delete marked[mark];
      else marked[mark] = previous;
    },
    free: (release) => {
      holder.release = release;
    },
  };
}
