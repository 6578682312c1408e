/**
 * A slot of a roll: whoever has it may have its turn. It expires, and is renewed at a third of that time.
 * @module
 */
import type { Buckets } from "./buckets.ts";
import { read, type SlotEntry } from "./entries.ts";
import { slotKey } from "./names.ts";
import { isConflict } from "./presence.ts";

/** A slot that this node has. */
export class Slot {
  readonly #index: number;
  readonly #entry: SlotEntry;
  readonly #sleep: (ms: number) => Promise<void>;
  #buckets: Buckets;
  #revision: number;
  #isReleased = false;

  private constructor(
    { index, entry, revision, buckets }: Found,
    sleep: (ms: number) => Promise<void>,
  ) {
    this.#index = index;
    this.#entry = entry;
    this.#revision = revision;
    this.#buckets = buckets;
    this.#sleep = sleep;
    void this.#renewAlways();
  }

  /** Takes a slot; undefined where somebody else was faster. */
  static async take(
    buckets: Buckets,
    { index, entry }: { readonly index: number; readonly entry: SlotEntry },
    sleep: (ms: number) => Promise<void>,
  ): Promise<Slot | undefined> {
    try {
      const revision = await buckets.live.create(slotKey(index), JSON.stringify(entry));
      return new Slot({ index, entry, revision, buckets }, sleep);
    } catch (error) {
      if (isConflict(error)) return undefined;
      throw error;
    }
  }

  /** Goes on with a slot that the predecessor of this process has taken. */
  static adopt(found: Found, sleep: (ms: number) => Promise<void>): Slot {
    return new Slot(found, sleep);
  }

  /** From now on the slot is renewed in these buckets, over another connection. */
  use(buckets: Buckets): void {
    this.#buckets = buckets;
    void this.renew();
  }

  /** Renews it now. */
  async renew(): Promise<void> {
    if (this.#isReleased) return;
    const { live } = this.#buckets;
    const [key, text] = [slotKey(this.#index), JSON.stringify(this.#entry)];
    try {
      this.#revision = await live.update(key, text, this.#revision);
    } catch (error) {
      if (!isConflict(error) || this.#isReleased) return;
      await this.#takeAgain(key, text).catch(() => {});
    }
  }

  /**
   * It has expired while the server was away, or the answer to an earlier renewal was lost. Where somebody else has it by now,
   * the turn has to end all the same.
   */
  async #takeAgain(key: string, text: string): Promise<void> {
    const { live } = this.#buckets;
    const entry = await live.get(key);
    const found = read<SlotEntry>(entry);
    if (found === undefined) this.#revision = await live.create(key, text);
    else if (entry !== null && found.node === this.#entry.node && found.roll === this.#entry.roll) {
      this.#revision = await live.update(key, text, entry.revision);
    }
  }

  /** Stops the renewing, and leaves the slot to the successor of this process. */
  leave(): void {
    this.#isReleased = true;
  }

  /** Gives it to the next. */
  async release(): Promise<void> {
    this.#isReleased = true;
    // Where it has expired and another node has it, it is not taken away from that.
    await this.#buckets.live.delete(slotKey(this.#index), { previousSeq: this.#revision }).catch(() => {});
  }

  async #renewAlways(): Promise<void> {
    while (!this.#isReleased) {
      await this.#sleep(this.#buckets.expireMs / 3);
      // Not awaited: an answer may be lost with its connection.
      void this.renew();
    }
  }
}

/** A slot as it was found in the bucket. */
export interface Found {
  readonly index: number;
  readonly entry: SlotEntry;
  readonly revision: number;
  readonly buckets: Buckets;
}
