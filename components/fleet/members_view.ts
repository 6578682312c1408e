/**
 * The members of a fleet as a controller sees them: a live table, made of their records.
 * @module
 */
import type { Buckets } from "./buckets.ts";
import { type FleetMember, read } from "./entries.ts";
import { memberKey } from "./names.ts";
import { readAll, type Watch, watchKeys } from "./watch.ts";

/** What the table is made of. */
export interface MembersViewOptions {
  readonly buckets: Buckets;
  /** Those that were found before. */
  readonly there?: readonly FleetMember[];
  readonly sleep: (ms: number) => Promise<void>;
  /** A record came, or was taken away: then there is none. */
  readonly changed: (member: FleetMember | undefined) => void;
}

/** The live table. */
export class MembersView {
  readonly #seen = new Map<string, FleetMember>();
  readonly #watch: Watch;

  constructor(options: MembersViewOptions) {
    const { buckets, there = [], sleep, changed } = options;
    for (const member of there) this.#seen.set(memberKey(member.node), member);
    this.#watch = watchKeys(buckets.live, {
      key: "member.*",
      taken: (entry) => {
        const member = read<FleetMember>(entry);
        if (member === undefined) this.#seen.delete(entry.key);
        else this.#seen.set(entry.key, member);
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
    for (const member of members) this.#seen.set(memberKey(member.node), member);
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
