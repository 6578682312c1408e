/**
 * One timer for all that is given up when nobody has used it for a while.
 * @module
 */
import { webClock } from "../../src/web_clock.ts";

/** A thing that may be idle. */
export interface Usable {
  /** Whether nobody uses it now. */
  readonly isIdle: boolean;
  /** When somebody used it last. */
  usedAt: number;
}

/** Looks for what is idle, and sleeps until the next one may be. It keeps no process alive. */
export class IdleTimer<I extends Usable> {
  readonly #idleMs: number;
  readonly #find: () => Iterable<I>;
  readonly #drop: (instance: I) => void;
  #timer: ReturnType<typeof setTimeout> | undefined;

  /** `find` gives those that there are, `drop` is called with one that was idle for `idleMs`. */
  constructor(idleMs: number, { find, drop }: { find: () => Iterable<I>; drop: (instance: I) => void }) {
    this.#idleMs = idleMs;
    this.#find = find;
    this.#drop = drop;
  }

  /** A request has ended. */
  touch(instance: I): void {
    instance.usedAt = webClock.now();
    if (this.#timer === undefined) this.#sleep(this.#idleMs);
  }

  /** Looks no more. */
  clear(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  #sleep(ms: number): void {
    const timer = this.#timer = setTimeout(() => this.#look(), Math.ceil(ms));
    (timer as { unref?(): unknown }).unref?.();
  }

  #look(): void {
    this.#timer = undefined;
    const now = webClock.now();
    let next = Infinity;
    for (const instance of [...this.#find()]) {
      if (!instance.isIdle) continue;
      const left = instance.usedAt + this.#idleMs - now;
      if (left <= 0) this.#drop(instance);
      else next = Math.min(next, left);
    }
    if (next < Infinity) this.#sleep(next);
  }
}
