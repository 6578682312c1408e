/**
 * A reader that goes away must not end the program that writes to it.
 * @module
 */
import type { ProcessLike, StreamLike } from "./process_like.ts";

/**
 * Ignores a broken pipe on the standard output and error, and nothing else. Returns its undo.
 * Without it, the runtime throws what no `error` listener of the stream took, and that ends the process.
 */
export function ignoreBrokenPipes(process: ProcessLike): () => void {
  const undo = [process.stdout, process.stderr].map((stream) => ignoreBrokenPipe(stream));
  return () => undo.forEach((take) => take());
}

function ignoreBrokenPipe(stream: StreamLike): () => void {
  const onError = (error: unknown) => {
    if ((error as { readonly code?: string }).code !== "EPIPE" && stream.listenerCount("error") === 1) {
      throw error;
    }
  };
  stream.on("error", onError);
  return () => void stream.off("error", onError);
}
