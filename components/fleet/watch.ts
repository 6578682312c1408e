/**
 * Watches keys of a bucket for as long as a connection lives, and begins anew where the watch breaks off.
 * @module
 */
import type { KvEntriesLike, KvEntryLike, KvLike } from "./nats_like.ts";

/** The keys that are watched. */
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

/** A watch that goes on. */
export interface Watch {
  /** Watches no more. */
  stop(): void;
  /** Goes on at once from the last revision, after the connection was lost: by itself that may take seconds. */
  resume(): void;
}

/** Watches until it is stopped. */
export function watchKeys(bucket: KvLike, { key, taken, failed, sleep }: WatchOptions): Watch {
  let entries: KvEntriesLike | undefined;
  let isStopped = false;
  let isResumed = false;
  let last = 0;
  const once = async () => {
    const resumes = isResumed && last > 0;
    isResumed = false;
    const found = entries = await bucket.watch(resumes ? { key, resumeFromRevision: last + 1 } : { key });
    if (isStopped) return found.stop();
    for await (const entry of found) {
      if (isStopped || isResumed) break;
      last = entry.revision;
      taken(entry);
    }
    found.stop();
    if (!isStopped && !isResumed) throw new Error("the watch has ended");
  };
  const run = async () => {
    while (!isStopped) {
      try {
        await once();
      } catch (error) {
        if (isStopped) return;
        failed(error);
        await sleep(AGAIN_MS);
      }
    }
  };
  void run();
  return {
    stop() {
      isStopped = true;
      entries?.stop();
    },
    resume() {
      isResumed = true;
      entries?.stop();
    },
  };
}

/** After twice so long without an entry, the last one has expired while the others were read. */
const SILENCE_MS = 2_500;

/** So often it looks again for what was replaced while it read. */
const LOOKS = 3;

/**
 * Reads what is there now. Neither `history()` nor the number of pending entries of a watch will do: where a key is written
 * meanwhile, that number does not come to 0, and they wait for a heartbeat, for up to 30 s. So it reads up to the revision
 * that was the last one at the beginning, and then once more: what was replaced before it came has come again by then.
 */
export async function readAll(bucket: KvLike, prefix: string): Promise<readonly KvEntryLike[]> {
  const last = async () => (await bucket.status()).streamInfo.state;
  const { messages, last_seq } = await last();
  const found = new Map<string, KvEntryLike>();
  if (messages === 0) return [];
  let until = last_seq;
  let looks = 1;
  const entries = await bucket.watch({ key: ">" });
  let timer: ReturnType<typeof setTimeout> | undefined;
  const wait = () => {
    clearTimeout(timer);
    // Twice: after the first, a process that the machine has let wait reads what has come meanwhile.
    timer = setTimeout(() => timer = setTimeout(() => entries.stop(), SILENCE_MS), SILENCE_MS);
  };
  wait();
  for await (const entry of entries) {
    if (entry.key.startsWith(prefix)) found.set(entry.key, entry);
    wait();
    let isRead = false;
    while (entry.revision >= until && !(isRead = looks === LOOKS)) {
      looks++;
      until = (await last()).last_seq;
    }
    if (isRead) break;
  }
  clearTimeout(timer);
  entries.stop();
  return [...found.values()];
}
