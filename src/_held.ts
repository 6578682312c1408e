/**
 * The promises that keep `drain` open.
 * @module
 */
import type { Core } from "./_core.ts";
import { textOf } from "./errors.ts";

/** What `hold` was given and has not settled. */
export class Held {
  readonly #core: Core;
  readonly #promises = new Set<PromiseLike<unknown>>();

  constructor(core: Core) {
    this.#core = core;
  }

  /** Holds a promise until it settles; a rejection is logged. */
  add(promise: PromiseLike<unknown>): void {
    this.#promises.add(promise);
    const release = () => this.#promises.delete(promise);
    promise.then(release, (error) => {
      release();
      this.#core.log(`A promise that the bus held has failed: ${textOf(error)}`, { level: "error", error });
    });
  }

  /** Resolves when none is held any more, those added meanwhile included. */
  async settle(): Promise<void> {
    while (this.#promises.size > 0) await Promise.allSettled(this.#promises);
  }

  /** Lets go of all: who would have settled them is gone. */
  clear(): void {
    this.#promises.clear();
  }
}
