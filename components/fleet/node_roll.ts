/**
 * One node's part in a roll: it waits for a slot, has its turn, says what became of it, and gives the slot to the next.
 * The nodes do this among themselves: the controller that began the roll may die.
 * @module
 */
import { textOf } from "../../src/errors.ts";
import type { Clock } from "../../src/platform.ts";
import type { Buckets } from "./buckets.ts";
import {
  type FleetMember,
  type FleetRolling,
  type HaltedEntry,
  read,
  type RollEntry,
  type SlotEntry,
} from "./entries.ts";
import { KEYS, memberKey, slotKey } from "./names.ts";
import { Slot } from "./slot.ts";
import { readAll, type Watch, watchKeys } from "./watch.ts";

/** The part of a node that a roll needs. */
export interface RollHost {
  readonly node: string;
  readonly clock: Clock;
  /** The buckets; undefined while the node has not joined. */
  readonly buckets: Buckets | undefined;
  sleep(ms: number): Promise<void>;
  /** Why the node takes no part; undefined where it does. */
  refusal(roll: RollEntry): string | undefined;
  /** Restarts the node's units, or its bus. Where its process ends by this, it does not resolve. */
  turn(roll: RollEntry): Promise<void>;
  /** Resolves when the node is ready for traffic; rejects where it takes too long. */
  ready(): Promise<void>;
  /** Writes the node's record, which has its part in the roll. */
  told(): Promise<void>;
}

/** Nodes that wait for a slot do not all reach for it in the same moment: each waits up to so long for each of them. */
const JITTER_MS = 2;
const MOST_JITTER_MS = 1_000;

/** The rolls of one node. */
export class NodeRoll {
  readonly #host: RollHost;
  /** The node's part in the newest roll. */
  rolling: FleetRolling | undefined;
  /** The roll that is under way, or was the last. */
  #roll: RollEntry | undefined;
  #slot: Slot | undefined;
  #halted: HaltedEntry | undefined;
  #isWoken = false;
  #resolveWake: () => void = () => {};
  #isEnded = false;
  /** Until then, no slot is taken. */
  #notBefore = 0;

  constructor(host: RollHost) {
    this.#host = host;
  }

  /** Whether the node has its turn now. */
  get hasTurn(): boolean {
    return this.rolling?.state === "rolling";
  }

  /**
   * This process has just joined, and found a roll. Where it is meant, it began after the roll did, and so needs no turn; a
   * slot of its predecessor it gives on as soon as it is ready.
   */
  async found(roll: RollEntry, buckets: Buckets): Promise<void> {
    if (roll.ended || !roll.members.includes(this.#host.node)) return;
    this.#roll = roll;
    this.rolling = { id: roll.id, state: "rolling" };
    for (const entry of await readAll(buckets.live, "slot.")) {
      const slot = read<SlotEntry>(entry);
      if (slot?.roll !== roll.id || slot.node !== this.#host.node) continue;
      const index = Number(entry.key.slice("slot.".length));
      const found = { index, entry: slot, revision: entry.revision, buckets };
      this.#slot = Slot.adopt(found, (ms) => this.#host.sleep(ms));
    }
    void this.#finish(roll, () => this.#host.ready());
  }

  /** There is a roll. */
  offer(roll: RollEntry): void {
    if (roll.id === this.#roll?.id) {
      if (roll.ended && !this.#roll.ended) this.#stop({ ...roll, ended: true });
      return;
    }
    if (roll.ended || !roll.members.includes(this.#host.node)) return;
    this.#stop(roll);
    const refusal = this.#host.refusal(roll);
    if (refusal !== undefined) void this.#refuse(roll, refusal);
    else void this.#wait(roll);
  }

  /** A node has failed in a roll. */
  halt(entry: HaltedEntry): void {
    this.#halted = entry;
    this.#wake();
  }

  /** The node has joined, or joined again over another connection. */
  use(buckets: Buckets): void {
    this.#isEnded = false;
    this.#slot?.use(buckets);
    this.#wake();
  }

  /** The connection is back. Whoever has a slot may need a moment to say so again. */
  returned(buckets: Buckets): void {
    this.#notBefore = this.#host.clock.now() + buckets.expireMs / 2;
    void this.#slot?.renew();
  }

  /** The process is about to end in its turn: its successor goes on with the slot. */
  async leave(): Promise<void> {
    this.#isEnded = true;
    this.#wake();
    await this.#slot?.renew();
    this.#slot?.leave();
  }

  /** The node leaves the fleet before its turn was over. */
  async abandon(): Promise<void> {
    const roll = this.#roll;
    if (roll !== undefined && this.hasTurn) await this.#fail(roll, "it has stopped before it was ready");
    // Where its turn is still to come, it waits for it again when it has joined again.
    if (this.rolling?.state === "waiting") this.#roll = undefined;
    this.#isEnded = true;
    this.#wake();
    await this.#slot?.release();
    this.#slot = undefined;
  }

  #stop(roll: RollEntry): void {
    this.#roll = roll;
    this.#wake();
  }

  async #refuse(roll: RollEntry, error: string): Promise<void> {
    this.rolling = { id: roll.id, state: "refused", error };
    await this.#tell(roll, error);
  }

  async #wait(roll: RollEntry): Promise<void> {
    this.rolling = { id: roll.id, state: "waiting" };
    void this.#host.told();
    const slot = await this.#takeSlot(roll);
    if (slot === undefined) {
      if (this.rolling.id === roll.id && !this.#isEnded) {
        this.rolling = { id: roll.id, state: "stopped" };
        void this.#host.told();
      }
      return;
    }
    this.#slot = slot;
    this.rolling = { id: roll.id, state: "rolling" };
    void this.#host.told();
    await this.#finish(roll, () => this.#host.turn(roll));
  }

  /** Waits for a slot; undefined where the roll is over before. */
  async #takeSlot(roll: RollEntry): Promise<Slot | undefined> {
    const { node } = this.#host;
    const held = new Map<string, SlotEntry | undefined>();
    let watch: Watch | undefined;
    let watched: Buckets | undefined;
    let isLooking = false;
    try {
      while (!this.#isOver(roll)) {
        const { buckets } = this.#host;
        if (buckets !== watched) {
          watch?.stop();
          watched = buckets;
          watch = buckets && watchKeys(buckets.live, {
            key: "slot.*",
            taken: (entry) => {
              held.set(entry.key, read<SlotEntry>(entry));
              if (!held.get(entry.key)) this.#wake();
            },
            failed: () => {},
            sleep: (ms) => this.#host.sleep(ms),
          });
        }
        const mayTake = this.#host.clock.now() >= this.#notBefore;
        for (let index = 0; mayTake && buckets !== undefined && index < roll.atOnce; index++) {
          const before = held.get(slotKey(index));
          // One that is held is tried now and then alone: nobody tells that it has expired.
          if (before !== undefined && !isLooking) continue;
          const entry: SlotEntry = { roll: roll.id, node };
          const slot = await Slot.take(buckets, { index, entry }, (ms) => this.#host.sleep(ms))
            .catch(() => undefined);
          if (slot === undefined) continue;
          if (!this.#isOver(roll) && await this.#mayHave(roll, before).catch(() => false)) return slot;
          await slot.release();
        }
        isLooking = !await this.#untilWoken((buckets?.expireMs ?? 3_000) / 3);
        const jitter = Math.min(JITTER_MS * roll.members.length, MOST_JITTER_MS);
        await this.#host.sleep(Math.random() * jitter);
      }
      return undefined;
    } finally {
      watch?.stop();
    }
  }

  /**
   * Whether the slot was given on. The watch may not have told of that yet, but whoever has had its turn has said so before:
   * else it is dead, and its slot has expired.
   */
  async #mayHave(roll: RollEntry, before: SlotEntry | undefined): Promise<boolean> {
    if (
      before === undefined || before.roll !== roll.id || before.node === this.#host.node || roll.keepGoing
    ) {
      return true;
    }
    const member = read<FleetMember>(await this.#host.buckets?.live.get(memberKey(before.node)));
    const isOver = member?.roll?.id === roll.id && member.roll.state !== "rolling";
    if (!isOver) await this.#halt({ roll: roll.id, node: before.node, error: "it died in its turn" });
    return isOver;
  }

  async #finish(roll: RollEntry, work: () => Promise<void>): Promise<void> {
    const { clock } = this.#host;
    const began = clock.now();
    try {
      await work();
      if (this.#isEnded) return;
      this.rolling = { id: roll.id, state: "done", ms: Math.round(clock.now() - began) };
      await this.#host.told();
    } catch (error) {
      if (this.#isEnded) return;
      await this.#fail(roll, textOf(error));
    }
    await this.#slot?.release();
    this.#slot = undefined;
  }

  async #fail(roll: RollEntry, error: string): Promise<void> {
    this.rolling = { id: roll.id, state: "failed", error };
    await this.#tell(roll, error);
  }

  async #tell(roll: RollEntry, error: string): Promise<void> {
    if (!roll.keepGoing) await this.#halt({ roll: roll.id, node: this.#host.node, error });
    await this.#host.told();
  }

  async #halt(entry: HaltedEntry): Promise<void> {
    this.#halted = entry;
    await putHalted(this.#host.buckets, entry);
  }

  #isOver(roll: RollEntry): boolean {
    return this.#isEnded || this.#roll?.id !== roll.id || this.#roll.ended === true ||
      this.#halted?.roll === roll.id;
  }

  /** Waits until something has happened, or happened since the last time; returns false where the time was over before. */
  async #untilWoken(ms: number): Promise<boolean> {
    if (!this.#isWoken) {
      await Promise.race([new Promise<void>((resolve) => this.#resolveWake = resolve), this.#host.sleep(ms)]);
    }
    const isWoken = this.#isWoken;
    this.#isWoken = false;
    return isWoken;
  }

  #wake(): void {
    this.#isWoken = true;
    this.#resolveWake();
  }
}

/** Ends a roll for all. Where the server is away, or grants no such right, the record of the node has to tell it. */
export async function putHalted(buckets: Buckets | undefined, entry: HaltedEntry): Promise<void> {
  await buckets?.state.put(KEYS.halted, JSON.stringify(entry)).catch(() => {});
}
