/**
 * One place of a pool: the unit that has it, and the order in which it changes hands.
 * @module
 */
import type { Member } from "./member.ts";
import { type Serial, serial } from "./serial.ts";

/** One place, from 1 on. */
export class Slot {
  readonly index: number;
  /** The unit that has it: ready, and not on its way out. */
  current: Member | undefined;
  /** All units of this slot that are not gone: during a roll, the new and the old one. */
  readonly members: Set<Member> = new Set();
  /** It changes hands in order: a roll and a replacement at the same moment would make two units of one. */
  readonly change: Serial = serial();
  /** Whether somebody is at work to fill it. */
  isFilling = false;
  /** Whether the last unit had done its share: its successor is no restart, and waits for nothing. */
  isUsedUp = false;
  /** Whether the pool has become smaller, and it is not filled again. */
  isClosed = false;

  constructor(index: number) {
    this.index = index;
  }
}
