/**
 * A reload of the units of one site, from the site's end: each prepares and votes, and then all commit, or all roll back.
 * @module
 */
import { defer, type Deferred } from "../../src/internal.ts";
import type { Reload } from "../../src/phase.ts";
import type { Member } from "./member.ts";
import type { ToSite } from "./protocol.ts";

/** The result of one step in a unit: an error in words, or nothing where it succeeded. */
type Said = { readonly error?: string; readonly isAsker?: boolean };

/** One unit in one round. */
class Part {
  readonly member: Member;
  readonly vote: Deferred<Said> = defer();
  readonly committed: Deferred<Said> = defer();

  constructor(member: Member) {
    this.member = member;
    const { name } = member.unit;
    void member.gone.then(() => {
      this.vote.resolve({ error: `the unit "${name}" ended` });
      this.committed.resolve({ error: `the unit "${name}" ended` });
    });
  }
}

/** A round in which all units have prepared. */
export interface PreparedRound {
  /** Has all of them commit; resolves to the units that did not, and why. */
  commit(): Promise<ReadonlyMap<Member, string>>;
  /** Has all of them roll back. Nobody waits for it. */
  rollback(): void;
  /** Whether the reload was asked for in one of the units, or beyond it: somebody waits there for all to have committed. */
  readonly hasAsker: boolean;
  /** Tells those who asked that everybody has committed. */
  tellAll(): void;
}

/** The rounds of one pool. */
export class ReloadRounds {
  readonly #open = new Map<number, readonly Part[]>();
  #last = 0;

  /**
   * Has all members prepare.
   * @throws {Error} Where one vetoes or ends, or the reload is given up; then all have been told to roll back.
   */
  async prepare(members: readonly Member[], reload: Reload): Promise<PreparedRound> {
    const { generation, details, signal } = reload;
    const round = ++this.#last;
    const parts = members.map((member) => new Part(member));
    this.#open.set(round, parts);
    const decide = (commit: boolean) => {
      for (const { member } of parts) member.send({ sitebus: "decide", round, commit });
    };
    const rollback = () => {
      this.#open.delete(round);
      decide(false);
    };
    for (const { member } of parts) member.send({ sitebus: "prepare", round, generation, details });
    const givenUp = defer<never>();
    const giveUp = () => givenUp.reject(signal.reason);
    signal.addEventListener("abort", giveUp);
    const askers: Part[] = [];
    try {
      signal.throwIfAborted();
      await Promise.race([Promise.all(parts.map(voted)), givenUp.promise]);
      for (const part of parts) if ((await part.vote.promise).isAsker) askers.push(part);
    } catch (error) {
      rollback();
      throw error;
    } finally {
      signal.removeEventListener("abort", giveUp);
    }
    return {
      rollback,
      hasAsker: askers.length > 0,
      tellAll() {
        for (const { member } of askers) member.send({ sitebus: "all committed", round });
      },
      commit: async () => {
        decide(true);
        const failed = new Map<Member, string>();
        for (const { member, committed } of parts) {
          const { error } = await committed.promise;
          if (error === undefined) member.generation = generation;
          else if (member.ending === undefined) failed.set(member, error);
        }
        this.#open.delete(round);
        return failed;
      },
    };
  }

  /** A unit said something. */
  heard(member: Member, message: ToSite): void {
    if (message.sitebus !== "vote" && message.sitebus !== "committed") return;
    const part = this.#open.get(message.round)?.find((part) => part.member === member);
    part?.[message.sitebus].resolve(message);
  }
}

/** @throws {Error} Where the unit vetoes. One that was asked to end has no vote: its successor has. */
async function voted({ member, vote }: Part): Promise<void> {
  const { error } = await vote.promise;
  if (error === undefined || member.ending !== undefined) return;
  throw new Error(`Cannot reload: the unit "${member.unit.name}" vetoed it: ${error}`);
}
