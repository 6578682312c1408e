/**
 * The members of a fleet as a controller sees them: a live table, made of their records.
 * @module
 */
import type { Clock } from "../../src/platform.ts";
import type { Buckets } from "./buckets.ts";
import { type FleetMember, read } from "./entries.ts";
import { memberKey } from "./names.ts";
import { readAll, type Watch, watchKeys } from "./watch.ts";

/** The options of the table. */
export interface MembersViewOptions {
  readonly buckets: Buckets;
  /** The members that were found before. */
  readonly there?: readonly FleetMember[];
  readonly clock: Clock;
  readonly sleep: (ms: number) => Promise<void>;
  /** A record came, or was taken away: then there is none. */
  readonly changed: (member: FleetMember | undefined) => void;
}

/** The live table. */
export class MembersView {
  readonly #seen = new Map<string, FleetMember>();
  readonly #watch: Watch;
  readonly #clock: Clock;
  readonly #longestMs: number;
  /** When each record came, by the clock here. */
  readonly #cameAt = new Map<string, number>();

  constructor(options: MembersViewOptions) {
    const { buckets, there = [], clock, sleep, changed } = options;
    this.#clock = clock;
    this.#longestMs = buckets.expireMs * 1.2;
    this.put(there);
    this.#watch = watchKeys(buckets.live, {
      key: "member.*",
      taken: (entry) => {
        const member = read<FleetMember>(entry);
        if (member === undefined) this.#seen.delete(entry.key);
        else this.put([member]);
        changed(member);
      },
      failed: () => {},
      sleep,
    });
  }

  /** The last record of each member, by name. One that has expired is still in it: nobody tells of that. */
  get members(): ReadonlyMap<string, FleetMember> {
    return new Map([...this.#seen.values()].map((member) => [member.node, member]));
  }

  /** Takes what was read otherwise: after a lost connection, the watch may be late. */
  put(members: readonly FleetMember[]): void {
    for (const member of members) {
      this.#seen.set(memberKey(member.node), member);
      this.#cameAt.set(member.node, this.#clock.now());
    }
  }

  /** Only these are there now. */
  retain(members: readonly FleetMember[]): void {
    this.#seen.clear();
    this.put(members);
  }

  /** Whether all have said something within the time in which their records expire. */
  get isFresh(): boolean {
    const oldest = this.#clock.now() - this.#longestMs;
    return this.members.size > 0 &&
      [...this.members.keys()].every((node) => this.#cameAt.get(node)! > oldest);
  }

  /** Goes on at once, after the connection was lost. */
  resume(): void {
    this.#watch.resume();
  }

  /** Watches no more. */
  close(): void {
    this.#watch.stop();
  }
}

/** Reads the members that are there now, in the order of their names. */
export async function readMembers(buckets: Buckets): Promise<readonly FleetMember[]> {
  const entries = await readAll(buckets.live, "member.");
  const members = entries.map((entry) => read<FleetMember>(entry)).filter((member) => member !== undefined);
  return members.sort((one, other) => one.node < other.node ? -1 : 1);
}
