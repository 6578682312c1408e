/**
 * The members of a fleet as a controller sees them: a live table, made of their records.
 * @module
 */
import type { Clock } from "../../src/platform.ts";
import type { Buckets } from "./buckets.ts";
import { type FleetMember, read } from "./entries.ts";
import { readAll, watchKeys } from "./watch.ts";

/** What the table is made of. */
export interface MembersViewOptions {
  readonly buckets: Buckets;
  readonly clock: Clock;
  readonly sleep: (ms: number) => Promise<void>;
  /** A record came, or was taken away: then there is none. */
  readonly changed: (member: FleetMember | undefined) => void;
}

/** A member, and when its record came, by the clock here: those of other machines may be wrong. */
interface Seen {
  readonly member: FleetMember;
  readonly at: number;
}

/** The live table. */
export class MembersView {
  readonly #options: MembersViewOptions;
  readonly #seen = new Map<string, Seen>();
  readonly #unwatch: () => void;
  /** Whether those that were there at the beginning are in the table. */
  isComplete = false;

  constructor(options: MembersViewOptions) {
    this.#options = options;
    const { buckets, sleep, clock, changed } = options;
    this.#unwatch = watchKeys(buckets.live, {
      key: "member.*",
      taken: (entry) => {
        const member = read<FleetMember>(entry);
        if (member === undefined) this.#seen.delete(entry.key);
        else this.#seen.set(entry.key, { member, at: clock.now() });
        if (entry.delta === 0) this.isComplete = true;
        changed(member);
      },
      failed: () => {},
      sleep,
    });
  }

  /** The last record of each member that is not overdue, by name. */
  get living(): ReadonlyMap<string, FleetMember> {
    const { clock, buckets } = this.#options;
    const oldest = clock.now() - buckets.expireMs * 1.2;
    return new Map(
      [...this.#seen.values()].filter(({ at }) => at > oldest).map(({ member }) => [member.node, member]),
    );
  }

  /** Watches no more. */
  close(): void {
    this.#unwatch();
  }
}

/** Reads the members that are there now, in the order of their names. */
export async function readMembers(buckets: Buckets): Promise<readonly FleetMember[]> {
  const entries = await readAll(buckets.live, "member.*");
  const found = new Map<string, FleetMember>();
  for (const entry of entries) {
    const member = read<FleetMember>(entry);
    if (member === undefined) found.delete(entry.key);
    else found.set(entry.key, member);
  }
  return [...found.values()].sort((one, other) => one.node < other.node ? -1 : 1);
}
