/**
 * The promises that keep `drain` open.
 * @module
 */
import { adopt } from "./_adopt.ts";
import { textOf } from "./errors.ts";
import type { Owner } from "./owner.ts";
import type { CallHost, Step } from "./call.ts";

interface Item {
  readonly name: string;
  readonly since: number;
  readonly owner: Owner | undefined;
}

/** The promises that one bus holds. */
export class Held {
  readonly #host: CallHost;
  readonly #items = new Set<Item>();
  #onEmpty: (() => void) | undefined = undefined;

  constructor(host: CallHost) {
    this.#host = host;
  }

  /** Holds a promise until it settles; a rejection is logged. */
  add(promise: unknown, name: string, owner?: Owner): void {
    const item = { name, since: this.#host.clock.now(), owner };
    this.#items.add(item);
    const settled = (failed: boolean, error: unknown) => {
      if (failed) {
        const message = `The held promise "${name}" has failed: ${textOf(error)}`;
        this.#host.log(
          message,
          { level: "error", event: "failure", listener: name, channel: "hold", error },
          owner,
        );
      }
      this.#items.delete(item);
      this.#tellEmpty();
    };
    if (!adopt(promise, settled)) settled(false, undefined);
  }

  /** Resolves for `drain` when no promise is held any more, promises that were added meanwhile included. */
  step(): Step {
    return {
      name: "hold",
      listener: () =>
        this.#items.size === 0 ? undefined : new Promise<void>((resolve) => this.#onEmpty = resolve),
      pending: () => this.#items.size === 0 ? ["hold"] : [...this.#items].map(({ name }) => name),
    };
  }

  /** Lets go of all, which have had their time, or of all that a guest holds. */
  clear(owner?: Owner): void {
    for (const item of this.#items) if (!owner || item.owner === owner) this.#items.delete(item);
    this.#tellEmpty();
  }

  /** The names of the held promises, the oldest first. */
  inspect(): { readonly name: string; readonly ms: number }[] {
    const now = this.#host.clock.now();
    return [...this.#items].map(({ name, since }) => ({ name, ms: now - since }));
  }

  #tellEmpty(): void {
    if (this.#items.size > 0) return;
    this.#onEmpty?.();
    this.#onEmpty = undefined;
  }
}
