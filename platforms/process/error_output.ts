/**
 * Writes to the standard error without the event loop, so that what is written while the process ends is not lost.
 * @module
 */

import { type BlockingWriter, blockingWriter, type MakeThread } from "./blocking_writer.ts";
import { ownDeno } from "./deno_like.ts";

/** What is used of `node:fs`. */
export interface FsLike {
  /** What a file is opened for. */
  readonly constants?: { readonly O_WRONLY: number; readonly O_NONBLOCK?: number };
  /** What a file is. */
  fstatSync?(fd: number): { isFIFO(): boolean; isSocket?(): boolean };
  /** Opens a file. */
  openSync?(path: string, flags: number): number;
  /** Writes at once; returns how many bytes were taken. */
  writeSync(fd: number, bytes: Uint8Array, offset: number, length: number): number;
}

const STANDARD_ERROR = 2;

// How long a text waits for the reader of a full pipe, and for how long between two tries, in milliseconds.
const [PATIENCE_MS, PAUSE_MS] = [250, 5];

/** A pipe takes this many bytes as a whole or not at all. Deno does not tell how many bytes of a failed write were taken. */
const WHOLE = 4096;

/**
 * Makes a function that writes texts to the standard error, at once and without throwing. If the reader of a full pipe does
 * not read, the first text waits for a moment; after that, texts are dropped until the pipe takes one. On Windows a write to
 * a full pipe waits until it is read.
 */
export function errorOutput(fs: FsLike): (text: string) => void {
  const sleeper = new Int32Array(new SharedArrayBuffer(4));
  let fd: number | undefined;
  let thread: BlockingWriter | undefined;
  // Whether the last text was not taken, and whether only a part of it was.
  let gaveUp = false;
  let torn = false;
  return (text) => {
    if (fd === undefined) {
      fd = withoutWaiting(fs);
      thread = threadWriter(fs);
    }
    const patience = gaveUp ? 0 : PATIENCE_MS;
    const bytes = new TextEncoder().encode(torn ? `\n${text}` : text);
    if (thread !== undefined) {
      gaveUp = !thread(bytes, patience);
      return;
    }
    const end = performance.now() + patience;
    let written = 0;
    while (written < bytes.length) {
      try {
        written += fs.writeSync(fd, bytes, written, Math.min(WHOLE, bytes.length - written));
      } catch (error) {
        if ((error as { code?: string }).code !== "EAGAIN" || performance.now() >= end) break;
        Atomics.wait(sleeper, 0, 0, PAUSE_MS);
      }
    }
    gaveUp = written < bytes.length;
    if (written > 0) torn = gaveUp;
  };
}

/** On Deno a socket cannot be opened once more, so that a thread waits for its reader. */
function threadWriter({ fstatSync }: FsLike): BlockingWriter | undefined {
  const { process } = globalThis as unknown as {
    readonly process?: { getBuiltinModule?(id: string): unknown };
  };
  try {
    if (ownDeno() === undefined || fstatSync?.(STANDARD_ERROR).isSocket?.() !== true) return undefined;
    const { Worker } = process?.getBuiltinModule?.("node:worker_threads") as { readonly Worker: MakeThread };
    return blockingWriter(Worker);
  } catch {
    return undefined;
  }
}

/**
 * Returns a file descriptor of the standard error whose writes do not wait for a reader. Those of Node and Bun are so
 * already. On Deno a pipe that nobody reads would block the process for ever, so that the pipe is opened once more. A file
 * cannot be opened once more: it would be written from its beginning.
 */
function withoutWaiting({ constants, fstatSync, openSync }: FsLike): number {
  try {
    const flag = constants?.O_NONBLOCK;
    if (flag === undefined || !openSync || !fstatSync?.(STANDARD_ERROR).isFIFO()) return STANDARD_ERROR;
    return openSync(`/proc/self/fd/${STANDARD_ERROR}`, constants!.O_WRONLY | flag);
  } catch {
    // There is no such file, or Deno may not open it.
    return STANDARD_ERROR;
  }
}
