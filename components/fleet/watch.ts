/**
 * Watches keys of a bucket for as long as a connection lives, and begins anew where the watch breaks off.
 * @module
 */
import type { KvEntriesLike, KvEntryLike, KvLike } from "./nats_like.ts";

/** What is watched. */
export interface WatchOptions {
  /** The keys, with wildcards. */
  readonly key: string;
  /** Takes each revision, in their order. After the watch has begun anew, it tells the last ones again. */
  readonly taken: (entry: KvEntryLike) => void;
  /** The watch has ended by itself, or could not begin; it is tried again after a moment. */
  readonly failed: (error: unknown) => void;
  /** Resolves after so many milliseconds. */
  readonly sleep: (ms: number) => Promise<void>;
}

/** So long is waited before a watch begins anew. */
const AGAIN_MS = 500;

/** Watches until `stop` is called; returns that. */
export function watchKeys(bucket: KvLike, { key, taken, failed, sleep }: WatchOptions): () => void {
  let entries: KvEntriesLike | undefined;
  let isStopped = false;
  const run = async () => {
    while (!isStopped) {
      try {
        entries = await bucket.watch({ key });
        if (isStopped) break;
        for await (const entry of entries) {
          if (isStopped) return;
          taken(entry);
        }
        if (!isStopped) failed(new Error("the watch has ended"));
      } catch (error) {
        if (!isStopped) failed(error);
      }
      if (!isStopped) await sleep(AGAIN_MS);
    }
    entries?.stop();
  };
  void run();
  return () => {
    isStopped = true;
    entries?.stop();
  };
}

/** Reads what is there now. */
export async function readAll(bucket: KvLike, key: string): Promise<readonly KvEntryLike[]> {
  const entries = await bucket.history({ key });
  const found: KvEntryLike[] = [];
  for await (const entry of entries) found.push(entry);
  return found;
}
