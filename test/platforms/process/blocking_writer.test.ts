import { Worker } from "node:worker_threads";
import { expect, test } from "vitest";
import { blockingWriter, type MakeThread } from "../../../platforms/process/blocking_writer.ts";

/** A thread that takes longer to start than a text waits for its reader. */
class SlowThread extends Worker {
  constructor(source: string, options: object) {
    const wait = "Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 600);";
    super(wait + source, options);
  }
}

test("the first text is not lost where the thread is slow to start", () => {
  const write = blockingWriter(SlowThread as unknown as MakeThread);
  expect(write(new Uint8Array(), 200)).toBe(true);
});
