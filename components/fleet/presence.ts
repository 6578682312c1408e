/**
 * The record of one member: what the others know of it. It is written at every change, and at a third of the time in which
 * it would expire.
 * @module
 */
import { textOf } from "../../src/errors.ts";
import type { Buckets } from "./buckets.ts";
import { type FleetMember, read } from "./entries.ts";
import { memberKey } from "./names.ts";

/** The options of a presence. */
export interface PresenceOptions {
  readonly node: string;
  /** Describes the member as it is now. */
  readonly describe: () => FleetMember;
  /** Resolves after so many milliseconds. */
  readonly sleep: (ms: number) => Promise<void>;
  /** The present time, in milliseconds since 1970. */
  readonly time: () => number;
  /** Another process has joined by the same name. */
  readonly doubled: (other: FleetMember) => void;
  /** The record could not be written. */
  readonly failed: (error: unknown) => void;
}

/** After a failure, it is tried again so often in the time in which the record expires. */
const RETRIES = 10;

/** The presence of one member, over one connection. */
export class Presence {
  readonly #options: PresenceOptions;
  readonly #buckets: Buckets;
  #revision = 0;
  #isEnded = false;
  /** The write under way, and whether another one has to follow. */
  #writing: Promise<void> | undefined;
  #again = false;
  #round: object | undefined;
  /** Whether the last write failed: that is said once. */
  #isSilent = false;
  /** Milliseconds that the server's clock is ahead of the one here. */
  aheadMs = 0;

  constructor(options: PresenceOptions, buckets: Buckets) {
    this.#options = options;
    this.#buckets = buckets;
  }

  /** Writes the first record, and goes on until it is ended. */
  async begin(): Promise<void> {
    await this.#compareClocks();
    void this.write();
    void this.#beat();
  }

  /** Writes the record as it is now; resolves when it is stored, or could not be. */
  write(): Promise<void> {
    if (this.#isEnded) return Promise.resolve();
    this.#again = true;
    if (this.#writing === undefined) {
      const round = this.#round = {};
      this.#writing = this.#writeAll(round);
    }
    return this.#writing;
  }

  /** The connection is back: an answer that is still waited for may have been lost with the old one. */
  writeAnew(): void {
    this.#writing = undefined;
    void this.write();
  }

  /** Writes no more. */
  end(): void {
    this.#isEnded = true;
  }

  /** Takes the record away. */
  async remove(): Promise<void> {
    this.end();
    await this.#writing;
    await this.#buckets.live.delete(memberKey(this.#options.node)).catch(() => {});
  }

  async #beat(): Promise<void> {
    while (!this.#isEnded) {
      await this.#options.sleep(this.#buckets.expireMs / 3);
      void this.write();
    }
  }

  async #writeAll(round: object): Promise<void> {
    while (this.#again && !this.#isEnded && this.#round === round) {
      this.#again = false;
      try {
        await this.#writeNow();
        this.#isSilent = false;
      } catch (error) {
        if (this.#isEnded || this.#round !== round) return;
        if (!this.#isSilent) this.#options.failed(error);
        this.#isSilent = true;
        await this.#options.sleep(this.#buckets.expireMs / RETRIES);
        this.#again = true;
      }
    }
    // In the same moment as the loop has looked: a later call begins anew.
    if (this.#round === round) this.#writing = undefined;
  }

  async #writeNow(): Promise<void> {
    const { node, describe } = this.#options;
    const { live } = this.#buckets;
    const key = memberKey(node);
    if (this.#revision > 0) {
      const text = JSON.stringify(describe());
      try {
        this.#revision = await live.update(key, text, this.#revision);
        return;
      } catch (error) {
        if (!isConflict(error)) throw error;
      }
      await this.#lookForDouble();
    }
    this.#revision = await live.put(key, JSON.stringify(describe()));
  }

  /** Another entry has been written in its place: it has expired during a partition, or there are two of this name. */
  async #lookForDouble(): Promise<void> {
    const { node, describe, doubled } = this.#options;
    const other = read<FleetMember>(await this.#buckets.live.get(memberKey(node)));
    if (other !== undefined && other.instance !== describe().instance) doubled(other);
  }

  async #compareClocks(): Promise<void> {
    const { node, time } = this.#options;
    try {
      const began = time();
      const revision = await this.#buckets.live.put(
        memberKey(node),
        JSON.stringify(this.#options.describe()),
      );
      const ended = time();
      this.#revision = revision;
      const entry = await this.#buckets.live.get(memberKey(node));
      if (entry?.revision === revision) this.aheadMs = entry.created.getTime() - (began + ended) / 2;
    } catch (error) {
      this.#options.failed(new Error(`Cannot compare the clocks: ${textOf(error)}`, { cause: error }));
    }
  }
}

/** Whether something was written meanwhile. */
export function isConflict(error: unknown): boolean {
  return /wrong last sequence/i.test(textOf(error));
}
