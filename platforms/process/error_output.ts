/**
 * Writes to the standard error without the event loop, so that output at the end of the process is not lost.
 * @module
 */

import { type BlockingWriter, blockingWriter, type MakeThread } from "./blocking_writer.ts";
import { ownDeno } from "./deno_like.ts";

/** The members of `node:fs` that are used here. */
export interface FsLike {
  /** The flags for opening a file. */
  readonly constants?: { readonly O_WRONLY: number; readonly O_NONBLOCK?: number };
  /** Returns the type of a file. */
  fstatSync?(fd: number): { isFIFO(): boolean; isSocket?(): boolean };
  /** Opens a file. */
  openSync?(path: string, flags: number): number;
  /** Writes at once; returns how many bytes were taken. */
  writeSync(fd: number, bytes: Uint8Array, offset: number, length: number): number;
}

const STANDARD_ERROR = 2;

// How long a write to a full pipe is retried, and the pause between two tries, in milliseconds.
const [PATIENCE_MS, PAUSE_MS] = [250, 5];

/** The largest write that a pipe takes as a whole or not at all. A larger write may fail halfway, and Deno does not report how much was taken. */
const WHOLE = 4096;

/**
 * Makes a function that writes texts to the standard error, at once and without throwing. If a pipe is full and its reader does
 * not read, the first text is retried for 250 ms; after that, texts are dropped until the pipe takes one. On Windows a write
 * to a full pipe blocks until the reader reads.
 */
export function errorOutput(fs: FsLike): (text: string) => void {
  const sleeper = new Int32Array(new SharedArrayBuffer(4));
  let fd: number | undefined;
  let thread: BlockingWriter | undefined;
  // Whether the last text was not written as a whole, and whether a part of it was.
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

/** Makes a writer with a thread if the standard error is a socket on Deno, which cannot be opened again without blocking writes. */
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
 * Returns a file descriptor of the standard error whose writes do not block. On Node and Bun they never do. On Deno a pipe that
 * nobody reads would block the process for ever, so that the pipe is opened again, without blocking. A file is not opened
 * again: writes would begin at its start.
 */
function withoutWaiting({ constants, fstatSync, openSync }: FsLike): number {
  try {
    const flag = constants?.O_NONBLOCK;
    if (flag === undefined || !openSync || !fstatSync?.(STANDARD_ERROR).isFIFO()) return STANDARD_ERROR;
    return openSync(`/proc/self/fd/${STANDARD_ERROR}`, constants!.O_WRONLY | flag);
  } catch {
    // The system has no /proc, or Deno may not open the file.
    return STANDARD_ERROR;
  }
}
