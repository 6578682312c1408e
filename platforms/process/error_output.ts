/**
 * The way to the standard error that needs no event loop: what is said while a process ends must not be lost with it.
 * @module
 */

/** What is used of `node:fs`. */
export interface FsLike {
  /** Writes at once; returns how many bytes were taken. */
  writeSync(fd: number, bytes: Uint8Array, offset?: number): number;
}

// How long a text waits for the reader of a full pipe, and for how long between two tries, in milliseconds.
const [PATIENCE_MS, PAUSE_MS] = [250, 5];

/**
 * Makes a function that writes texts to the standard error, at once and without throwing: nobody may be there to read.
 * A pipe that is full is waited for once; after that, texts are dropped until it takes one.
 */
export function errorOutput(fs: FsLike): (text: string) => void {
  const sleeper = new Int32Array(new SharedArrayBuffer(4));
  // Whether the last text was not taken, and whether only a part of it was.
  let gaveUp = false;
  let torn = false;
  return (text) => {
    const bytes = new TextEncoder().encode(torn ? `\n${text}` : text);
    const end = performance.now() + (gaveUp ? 0 : PATIENCE_MS);
    let written = 0;
    while (written < bytes.length) {
      try {
        written += fs.writeSync(2, bytes, written);
      } catch (error) {
        if ((error as { code?: string }).code !== "EAGAIN" || performance.now() >= end) break;
        Atomics.wait(sleeper, 0, 0, PAUSE_MS);
      }
    }
    gaveUp = written < bytes.length;
    if (written > 0) torn = gaveUp;
  };
}
