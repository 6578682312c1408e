/**
 * An answer that is used again for a while, so that asking often costs little.
 * @module
 */
import type { Clock } from "../../src/platform.ts";

/** Reads it, or gives the last answer. */
export type Remembered<T> = () => Promise<T>;

/** How long an answer is used again. */
export interface RememberOptions {
  readonly clock: Clock;
  /** Milliseconds. */
  readonly ms: number;
  /** Where it is another than at the last answer, that is of no more use. */
  readonly key: () => string;
}

/** Remembers what `read` resolved to. Calls that come while it is read wait for the same answer. */
export function remembered<T>(read: () => Promise<T>, { clock, ms, key }: RememberOptions): Remembered<T> {
  let last: { readonly key: string; readonly found: Promise<T>; at: number } | undefined;
  return () => {
    const now = clock.now();
    const present = key();
    if (last && last.key === present && now - last.at < ms) return last.found;
    last = { key: present, found: read(), at: now };
    return last.found;
  };
}
