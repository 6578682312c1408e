/**
 * When a unit has done its share: by its connections, its age, its memory; and when it does not answer any more.
 * @module
 */
import type { Clock } from "../../src/platform.ts";
import type { Crew } from "./crew.ts";
import type { Member } from "./member.ts";
import type { PoolSettings } from "./pool_options.ts";
import type { ToSite, Welcome } from "./protocol.ts";

/** How often the memory of units is asked for, in milliseconds. */
const MEMORY_MS = 1_000;

/** A timer that fires so late was frozen with its process: nobody was late in that time, in milliseconds. */
const FROZEN_MS = 1_000;

/** What of a pool is looked at, and when. */
export class Recycling {
  readonly #crew: Crew;
  readonly #clock: Clock;
  readonly #settings: PoolSettings;
  /** The question that each unit has not answered, and since when. */
  readonly #asked = new Map<Member, { readonly number: number; since: number }>();
  readonly #undo = new Set<() => void>();
  #number = 0;

  constructor(crew: Crew, clock: Clock, settings: PoolSettings) {
    this.#crew = crew;
    this.#clock = clock;
    this.#settings = settings;
  }

  /** Begins to ask, where somebody wants to know. */
  begin(): void {
    const { stuckMs, maxMemory } = this.#settings;
    const periods = [
      ...(stuckMs === undefined ? [] : [stuckMs / 3]),
      ...(maxMemory === undefined ? [] : [MEMORY_MS]),
    ];
    if (periods.length > 0) this.#askEvery(Math.max(Math.min(...periods), 10));
  }

  /** Ends it: nothing wakes the pool any more. */
  end(): void {
    for (const undo of this.#undo) undo();
    this.#undo.clear();
  }

  /** How many connections a unit that starts now may have. */
  connections(): Welcome["connections"] {
    const { maxRequests } = this.#settings;
    if (maxRequests === undefined) return undefined;
    return { worn: Math.max(1, Math.floor(this.#jittered(maxRequests))), most: maxRequests };
  }

  /** A unit was started. */
  watch(member: Member): void {
    const { maxAgeMs } = this.#settings;
    void member.gone.then(() => this.#asked.delete(member));
    if (maxAgeMs === undefined) return;
    void member.unit.ready.then(() => {
      const disarm = this.#after(this.#jittered(maxAgeMs), () => this.#crew.recycle(member, "its age"));
      void member.gone.then(disarm);
    }, () => {});
  }

  /** A unit said something. */
  heard(member: Member, message: ToSite): void {
    if (message.sitebus !== "answer" || this.#asked.get(member)?.number !== message.number) return;
    this.#asked.delete(member);
    const { maxMemory } = this.#settings;
    if (maxMemory === undefined || !member.serves || message.memory <= this.#limitOf(member, maxMemory)) {
      return;
    }
    const megabytes = (message.memory / 1e6).toFixed(0);
    if (!this.#recycled.has(member)) {
      this.#recycled.add(member);
      this.#crew.recycle(member, `it has ${megabytes} MB of memory`);
    }
  }

  /** The limit of each unit is its own. */
  readonly #limits = new WeakMap<Member, number>();
  readonly #recycled = new WeakSet<Member>();

  #limitOf(member: Member, most: number): number {
    const limit = this.#limits.get(member) ?? this.#jittered(most);
    this.#limits.set(member, limit);
    return limit;
  }

  #jittered(limit: number): number {
    return limit * (1 - this.#settings.jitter * Math.random());
  }

  #askEvery(ms: number): void {
    const due = this.#clock.now() + ms;
    this.#after(ms, () => {
      const now = this.#clock.now();
      if (now - due > FROZEN_MS) { for (const asked of this.#asked.values()) asked.since = now; }
      for (const member of this.#crew.serving) this.#ask(member, now);
      this.#askEvery(ms);
    });
  }

  #ask(member: Member, now: number): void {
    const { stuckMs } = this.#settings;
    const asked = this.#asked.get(member);
    if (asked === undefined) {
      const number = ++this.#number;
      this.#asked.set(member, { number, since: now });
      member.send({ sitebus: "question", number });
    } else if (stuckMs !== undefined && now - asked.since >= stuckMs && !member.inspected) {
      this.#crew.killStuck(member, now - asked.since);
    }
  }

  #after(ms: number, fire: () => void): () => void {
    const undo = this.#clock.setTimer(ms, () => {
      this.#undo.delete(undo);
      fire();
    });
    this.#undo.add(undo);
    return () => {
      undo();
      this.#undo.delete(undo);
    };
  }
}
