/**
 * Follows a roll to its end. The nodes do it among themselves; the controller tells how far it is, and ends it where a node
 * has vanished in its turn.
 * @module
 */
import type { Clock } from "../../src/platform.ts";
import type { Buckets } from "./buckets.ts";
import {
  type FleetMember,
  type HaltedEntry,
  read,
  type RollEntry,
  type RollKind,
  type SlotEntry,
} from "./entries.ts";
import { MembersView, readMembers } from "./members_view.ts";
import { KEYS } from "./names.ts";
import { putHalted } from "./node_roll.ts";
import { watchKeys } from "./watch.ts";

/** A node on which a roll has failed. */
export interface FleetRollFailure {
  /** The name of the node. */
  readonly node: string;
  /** Why. */
  readonly error: string;
}

/** How far a roll is. */
export interface FleetRoll {
  /** Tells it from other rolls. */
  readonly id: string;
  /** The action of the roll on each node. */
  readonly how: RollKind;
  /** Whether nothing more will happen. */
  readonly isOver: boolean;
  /** Whether it is over, and all nodes that are still there have had their turn. */
  readonly ok: boolean;
  /** The nodes that have had their turn, and are ready. */
  readonly done: readonly string[];
  /** The nodes that have their turn now. */
  readonly rolling: readonly string[];
  /** The nodes whose turn is still to come; after a failure it does not come. */
  readonly waiting: readonly string[];
  /** The nodes on which it failed, and those that refused it. */
  readonly failed: readonly FleetRollFailure[];
  /** The nodes that have left the fleet before their turn. */
  readonly left: readonly string[];
}

/** The roll that is followed. */
export interface RollFollowing {
  readonly roll: RollEntry;
  /** The members that were found before. */
  readonly there: readonly FleetMember[];
  readonly buckets: Buckets;
  readonly clock: Clock;
  /** Milliseconds without progress until it is given up. */
  readonly within: number;
  readonly progress: (roll: FleetRoll) => void;
}

/** Tells how far a roll is, by the records of the members. */
export function progressOf(
  roll: RollEntry,
  members: ReadonlyMap<string, FleetMember>,
  halted: HaltedEntry | undefined,
  hadTurn: ReadonlySet<string> = new Set(),
): FleetRoll {
  const done: string[] = [];
  const rolling: string[] = [];
  const waiting: string[] = [];
  const left: string[] = [];
  const failed: FleetRollFailure[] = [];
  for (const node of roll.members) {
    const member = members.get(node);
    const part = member?.roll?.id === roll.id ? member.roll : undefined;
    if (part?.state === "done") done.push(node);
    else if (part?.state === "rolling") rolling.push(node);
    else if (part?.state === "failed" || part?.state === "refused") {
      failed.push({ node, error: part.error ?? part.state });
    } else if (member !== undefined) waiting.push(node);
    else if (hadTurn.has(node)) failed.push({ node, error: "it is gone since its turn began" });
    else left.push(node);
  }
  const isHalted = halted?.roll === roll.id;
  if (isHalted && !failed.some(({ node }) => node === halted.node)) {
    const { node, error } = halted;
    failed.push({ node, error });
    for (const list of [left, waiting]) if (list.includes(node)) list.splice(list.indexOf(node), 1);
  }
  const isStopped = roll.ended === true || isHalted;
  const isOver = rolling.length === 0 && (isStopped || waiting.length === 0);
  const ok = isOver && failed.length === 0 && waiting.length === 0;
  return { id: roll.id, how: roll.how, isOver, ok, done, rolling, waiting, failed, left };
}

/**
 * Follows a roll to its end.
 * @throws {Error} Where nothing happens for too long.
 */
export async function follow(
  { roll, there, buckets, clock, within, progress }: RollFollowing,
): Promise<FleetRoll> {
  const sleep = (ms: number) => new Promise<void>((resolve) => void clock.setTimer(ms, resolve));
  const hadTurn = new Set<string>();
  let halted: HaltedEntry | undefined;
  let said = "";
  let since = clock.now();
  let wake: () => void = () => {};
  let wakesAtAll = false;
  const changed = () => {
    wakesAtAll = true;
    wake();
  };
  const view = new MembersView({ buckets, there, clock, sleep, changed });
  const watch = watchKeys(buckets.state, {
    key: KEYS.halted,
    taken: (entry) => {
      halted = read<HaltedEntry>(entry);
      changed();
    },
    failed: () => {},
    sleep,
  });
  // A node may die before it has said that its turn has begun, but not before it has a slot.
  const slots = watchKeys(buckets.live, {
    key: "slot.*",
    taken: (entry) => {
      const slot = read<SlotEntry>(entry);
      if (slot?.roll === roll.id) hadTurn.add(slot.node);
    },
    failed: () => {},
    sleep,
  });
  const attendance = new Attendance(buckets, clock);
  try {
    for (;;) {
      wakesAtAll = false;
      const living = new Map([...view.members].filter(([node]) => !attendance.isAbsent(node)));
      const found = progressOf(roll, living, halted, hadTurn);
      for (const node of found.rolling) hadTurn.add(node);
      const [lost] = found.failed.filter(({ node }) => !living.has(node));
      if (lost !== undefined && !roll.keepGoing && halted?.roll !== roll.id) {
        halted = { roll: roll.id, ...lost };
        await putHalted(buckets, halted);
      }
      const text = JSON.stringify(found);
      if (text !== said) {
        said = text;
        since = clock.now();
        progress(found);
      }
      if (found.isOver) {
        await end(buckets, roll);
        return found;
      }
      if (clock.now() - since > within) {
        const names = [...found.rolling, ...found.waiting].join(", ");
        throw new Error(
          `Nothing has happened for ${within} ms in the roll, it is still to come for: ${names}`,
        );
      }
      if (wakesAtAll) continue;
      let disarm = () => {};
      await new Promise<void>((resolve) => {
        wake = resolve;
        disarm = clock.setTimer(buckets.expireMs / 3, resolve);
      });
      disarm();
      view.put(await attendance.take(roll.members));
    }
  } finally {
    view.close();
    watch.stop();
    slots.stop();
  }
}

/**
 * Which members are really gone. An entry that has expired is told by nobody, and while the server was away all have expired:
 * so the server is asked, and a member is gone where that was so for half of the time in which its record expires.
 */
class Attendance {
  readonly #buckets: Buckets;
  readonly #clock: Clock;
  readonly #since = new Map<string, number>();
  #next = 0;

  constructor(buckets: Buckets, clock: Clock) {
    this.#buckets = buckets;
    this.#clock = clock;
  }

  isAbsent(node: string): boolean {
    const since = this.#since.get(node);
    return since !== undefined && this.#clock.now() - since > this.#buckets.expireMs / 2;
  }

  /** Looks who is there, where it has not done so just now; returns those it has found. */
  async take(nodes: readonly string[]): Promise<readonly FleetMember[]> {
    const now = this.#clock.now();
    if (now < this.#next) return [];
    this.#next = now + this.#buckets.expireMs / 4;
    try {
      const members = await readMembers(this.#buckets);
      const there = new Set(members.map(({ node }) => node));
      for (const node of nodes) {
        if (there.has(node)) this.#since.delete(node);
        else if (!this.#since.has(node)) this.#since.set(node, now);
      }
      return members;
    } catch {
      this.#since.clear();
      return [];
    }
  }
}

/** Notes that the roll is over, so that nobody takes it up again. */
async function end(buckets: Buckets, roll: RollEntry): Promise<void> {
  const entry = await buckets.state.get(KEYS.roll).catch(() => null);
  if (read<RollEntry>(entry)?.id !== roll.id || entry === null) return;
  await buckets.state.update(KEYS.roll, JSON.stringify({ ...roll, ended: true }), entry.revision).catch(
    () => {},
  );
}
