/**
 * A process has one bus that holds its signals. The mark is on `process` itself, since two copies of this package may
 * meet in one program.
 * @module
 */
import type { ProcessLike } from "./process_like.ts";

const mark = Symbol.for("sitebus.process");

interface Holder {
  readonly bus: string;
  /** Set when the bus has left. It still holds the signals, so that none of them kills the flush; the next bus takes them over. */
  release?: () => void;
}

/** The process, held for one bus. */
export interface Held {
  /** Lets go of what the previous bus still held. Called when the new signals are armed, so that none is lost between. */
  takeOver(): void;
  /** Undoes the mark: the bus could not attach. */
  giveBack(): void;
  /** Lets the next bus have the process; it calls `release` when it takes over. */
  free(release: () => void): void;
}

/** Whether a bus holds the process that has not left. */
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
