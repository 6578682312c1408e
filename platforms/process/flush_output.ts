/**
 * Waits until the readers of the standard output and error have taken all output. A process that ends at once, or becomes
 * another program, loses pending output.
 * @module
 */
import type { ProcessLike } from "./process_like.ts";
import { settlesWithin } from "./settles_within.ts";

// The longest time to wait for the readers, in milliseconds.
const flushMs = 5000;

/** Resolves when both streams are written, or after `ms` milliseconds, at most 5000. Default 5000. */
export async function flushOutput(process: ProcessLike, ms: number = flushMs): Promise<void> {
  // Bun calls back for an empty write before the earlier writes are done. Closing the stream waits for them.
  const isBun = process.versions["bun"] !== undefined;
  const written = [process.stdout, process.stderr].map((stream) =>
    new Promise<void>((done) => {
      stream.on("error", () => done());
      if (isBun) stream.end(done);
      else stream.write("", done);
    })
  );
  await settlesWithin(Promise.all(written), Math.min(ms, flushMs));
}
