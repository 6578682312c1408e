/**
 * The names of fleets and nodes, and the keys that are made of them.
 * @module
 */
import { checkName, show } from "../../src/check.ts";

/**
 * Checks the name of a fleet: it becomes a part of the names of two buckets.
 * @throws {TypeError} If it has other characters than letters, digits, `-` and `_`.
 */
export function checkFleetName(action: string, name: unknown): string {
  if (/^[A-Za-z0-9_-]{1,64}$/.test(checkName(action, name))) return name as string;
  throw new TypeError(
    `${action}: the name is ${show(name)}, expected up to 64 letters, digits, "-" and "_"`,
  );
}

/** The name of the bucket that controllers write. */
export function stateBucket(fleet: string): string {
  return `sitebus_${fleet}`;
}

/** The name of the bucket that nodes write, whose entries expire. */
export function liveBucket(fleet: string): string {
  return `sitebus_${fleet}_live`;
}

/**
 * The token of a key that stands for a node: "web 1.example" → "web=201=2Eexample". Dots, spaces and wildcards have a
 * meaning in a subject of NATS, and so any character but letters, digits, `-` and `_` is written as its bytes.
 */
export function tokenOf(node: string): string {
  return [...new TextEncoder().encode(node)].map((byte) => {
    const character = String.fromCharCode(byte);
    return /[A-Za-z0-9_-]/.test(character)
      ? character
      : `=${byte.toString(16).toUpperCase().padStart(2, "0")}`;
  }).join("");
}

/** The key of a member's record. */
export function memberKey(node: string): string {
  return `member.${tokenOf(node)}`;
}

/** The key of a slot of a roll. */
export function slotKey(slot: number): string {
  return `slot.${slot}`;
}

/** The key of a node's receipts for a command. */
export function receiptKey(command: string, node: string): string {
  return `receipt.${command}.${tokenOf(node)}`;
}

/** The keys of the bucket that controllers write, and `halted`, which nodes write. */
export const KEYS = { generation: "generation", roll: "roll", command: "command", halted: "halted" } as const;
