/**
 * The two buckets of a fleet: one that controllers write, and one that nodes write, whose entries expire.
 * @module
 */
import { textOf } from "../../src/errors.ts";
import type { KvLike, KvmLike } from "./nats_like.ts";
import { liveBucket, stateBucket } from "./names.ts";

/** The buckets of a fleet. */
export interface Buckets {
  /** The generation, the roll, the command, and what has halted a roll. */
  readonly state: KvLike;
  /** Members, slots and receipts. */
  readonly live: KvLike;
  /** Milliseconds until an entry of `live` that is not renewed is gone. */
  readonly expireMs: number;
}

/** So many revisions of a key are kept for nodes that were away. */
const HISTORY = 64;

/** The shortest time of a bucket that somebody else made: with less, members would flicker. */
const SHORTEST_MS = 500;

/**
 * Opens the buckets, and makes those that are missing.
 * @throws {Error} Where one cannot be opened or made, or was made by somebody else and does not fit.
 */
export async function openBuckets(kvm: KvmLike, fleet: string, expireMs: number): Promise<Buckets> {
  const state = await open(kvm, stateBucket(fleet), {
    history: HISTORY,
    description: "sitebus: what controllers say",
  });
  const live = await open(kvm, liveBucket(fleet), {
    ttl: expireMs,
    description: "sitebus: what nodes say",
  });
  if (state.status.ttl > 0) {
    throw unfit(stateBucket(fleet), `its entries expire after ${state.status.ttl} ms, and are to stay`);
  }
  const { ttl } = live.status;
  if (!(ttl >= SHORTEST_MS)) {
    throw unfit(
      liveBucket(fleet),
      ttl > 0
        ? `its entries expire after ${ttl} ms, at least ${SHORTEST_MS} are needed`
        : "its entries do not expire",
    );
  }
  return { state: state.kv, live: live.kv, expireMs: ttl };
}

async function open(
  kvm: KvmLike,
  name: string,
  options: Parameters<KvmLike["create"]>[1],
): Promise<{ readonly kv: KvLike; readonly status: Awaited<ReturnType<KvLike["status"]>> }> {
  const kv = await kvm.open(name);
  try {
    return { kv, status: await kv.status() };
  } catch (error) {
    if (!isNotFound(error)) {
      throw new Error(`The bucket "${name}" cannot be opened: ${textOf(error)}`, { cause: error });
    }
  }
  try {
    await kvm.create(name, options);
  } catch (error) {
    // Another node may have made it in the same moment, with another time.
    const status = await kv.status().catch(() => undefined);
    if (status === undefined) {
      throw new Error(`The bucket "${name}" is not there and cannot be made: ${textOf(error)}`, {
        cause: error,
      });
    }
    return { kv, status };
  }
  return { kv, status: await kv.status() };
}

function isNotFound(error: unknown): boolean {
  return /stream not found/i.test(textOf(error));
}

function unfit(name: string, why: string): Error {
  return new Error(`The bucket "${name}" was made by somebody else: ${why}`);
}
