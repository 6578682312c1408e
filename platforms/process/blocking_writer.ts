/**
 * A thread that writes to the standard error, for Deno. A write of Deno blocks until a reader takes it, which may be never.
 * Here the thread blocks, and the event loop goes on.
 * @module
 */

/** The members of a worker thread that are used here. */
export interface WriterThread {
  postMessage(message: unknown): void;
  unref(): unknown;
}

/** The constructor of a worker thread, which takes the thread's source. */
export type MakeThread = new (
  source: string,
  options: { readonly eval: true; readonly workerData: object },
) => WriterThread;

/** Writes bytes; returns whether the reader took them within so many milliseconds. Otherwise the thread still tries to write them. */
export type BlockingWriter = (bytes: Uint8Array, withinMs: number) => boolean;

const SOURCE = `
const { parentPort, workerData } = require("node:worker_threads");
const { writeSync } = require("node:fs");
Atomics.store(workerData.written, 1, 1);
Atomics.notify(workerData.written, 1);
parentPort.on("message", (bytes) => {
  try {
    for (let at = 0; at < bytes.length;) at += writeSync(2, bytes, at);
  } catch {}
  Atomics.add(workerData.written, 0, 1);
  Atomics.notify(workerData.written, 0);
});
`;

/** How long the first bytes wait for the thread to start, on a busy machine, before they wait for a reader. */
const START_MS = 2000;

/** Makes a writer, whose thread starts with the first bytes. */
export function blockingWriter(Thread: MakeThread): BlockingWriter {
  let thread: WriterThread | undefined;
  // How many texts were written, and whether the thread has started.
  const written = new Int32Array(new SharedArrayBuffer(8));
  let given = 0;
  const isDone = (number: number, end: number) => {
    for (let done; (done = Atomics.load(written, 0)) !== number;) {
      const rest = end - performance.now();
      if (rest <= 0) return false;
      Atomics.wait(written, 0, done, rest);
    }
    return true;
  };
  return (bytes, withinMs) => {
    if (thread === undefined) {
      thread = new Thread(SOURCE, { eval: true, workerData: { written } });
      thread.unref();
      Atomics.wait(written, 1, 0, START_MS);
    }
    const end = performance.now() + withinMs;
    // One write at a time, so that no queue grows if nobody reads.
    if (!isDone(given, end)) return false;
    given++;
    thread.postMessage(bytes);
    return isDone(given, end);
  };
}
