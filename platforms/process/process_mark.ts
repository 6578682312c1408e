/**
 * Marks a process as held by one bus, since only one bus may listen for its signals. The mark is on `process` itself, since two
 * copies of this package may meet in one program.
 * @module
 */
import type { ProcessLike } from "./process_like.ts";

const mark = Symbol.for("sitebus.process");

interface Holder {
  readonly bus: string;
  /** Set when the bus has left. Its signal listeners stay, so that no signal kills the process before its output is written; the next bus removes them. */
  release?: () => void;
}

/** The process, held for one bus. */
export interface Held {
  /** Removes the listeners of the previous bus. To be called after the new listeners are added, so that no signal is lost. */
  takeOver(): void;
  /** Undoes the mark, if the bus could not attach. */
  giveBack(): void;
  /** Lets the next bus hold the process. That bus calls `release` when it takes over. */
  free(release: () => void): void;
}

/** Whether a bus that has not left holds the process. */
export function isProcessHeld(process: ProcessLike): boolean {
  const holder = (process as ProcessLike & { [mark]?: Holder })[mark];
  return holder !== undefined && holder.release === undefined;
}

/**
 * Marks the process as held by `bus`.
 * @throws {Error} If another bus holds it, naming that bus.
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
