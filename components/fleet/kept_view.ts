/**
 * The table of members that a controller keeps for a while: whoever commands once often commands again, and then need not ask
 * the server who is there.
 * @module
 */
import type { Clock } from "../../src/platform.ts";
import type { Buckets } from "./buckets.ts";
import type { FleetMember } from "./entries.ts";
import { MembersView, readMembers } from "./members_view.ts";

/** The table in use. */
export interface UsedView {
  readonly view: MembersView;
  /** The members that are there now. */
  readonly members: readonly FleetMember[];
  /** It is used no more. */
  release(): void;
}

/** After so long without use, it is closed. */
const KEPT_MS = 10_000;

/** The table of one controller. */
export class KeptView {
  readonly #clock: Clock;
  readonly #listeners = new Set<(member: FleetMember) => void>();
  #buckets: Buckets | undefined;
  #view: MembersView | undefined;
  #disarm: () => void = () => {};

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Uses the table; each record that comes from now on is told. */
  async use(buckets: Buckets, came: (member: FleetMember) => void): Promise<UsedView> {
    this.#disarm();
    // Another function for each use, so that two of them do not end each other.
    const listener = (member: FleetMember) => came(member);
    this.#listeners.add(listener);
    const release = () => this.#release(listener);
    try {
      const view = this.#viewOf(buckets);
      if (!view.isFresh) view.retain(await readMembers(buckets));
      return { view, members: [...view.members.values()], release };
    } catch (error) {
      release();
      throw error;
    }
  }

  /** Goes on at once, after the connection was lost. */
  resume(): void {
    this.#view?.resume();
  }

  /** Closes it now. */
  close(): void {
    this.#disarm();
    this.#view?.close();
    this.#view = this.#buckets = undefined;
  }

  #viewOf(buckets: Buckets): MembersView {
    if (this.#view !== undefined && this.#buckets === buckets) return this.#view;
    this.#view?.close();
    this.#buckets = buckets;
    return this.#view = new MembersView({
      buckets,
      clock: this.#clock,
      sleep: (ms) => new Promise((resolve) => void this.#clock.setTimer(ms, resolve)),
      changed: (member) => {
        if (member !== undefined) { for (const listener of this.#listeners) listener(member); }
      },
    });
  }

  #release(listener: (member: FleetMember) => void): void {
    this.#listeners.delete(listener);
    this.#disarm();
    if (this.#listeners.size === 0) this.#disarm = this.#clock.setTimer(KEPT_MS, () => this.close());
  }
}
