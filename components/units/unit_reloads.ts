/**
 * The reloads of a unit: those of its site, in two steps, and its own, which go up to the site.
 * @module
 */
import { isDeepStrictEqual } from "node:util";
import { textOf, TransitionError } from "../../src/errors.ts";
import { type Controller, defer, type Deferred, web } from "../../src/internal.ts";
import type { Reload } from "../../src/phase.ts";
import type { Control } from "../../src/platform.ts";
import { checkCloneable, type ToUnit } from "./protocol.ts";
import type { UpLink } from "./up_link.ts";

/** A round of the site. */
interface Round {
  readonly number: number;
  readonly generation: number;
  readonly details: unknown;
  /** Whether it is to be committed; rejects where it is to be rolled back. */
  readonly decision: Deferred<void>;
  /** Gives the preparing up. */
  readonly controller: Controller;
  hasVoted: boolean;
  /** Whether a reload that began in this unit is its part of the round. */
  isOwn: boolean;
}

/** A reload that began in this unit, has prepared, and waits for what its site says. */
interface Own {
  readonly number: number;
  readonly details: unknown;
  readonly decision: Deferred<void>;
}

type Prepare = Extract<ToUnit, { readonly sitebus: "prepare" }>;

/** The reloads of one unit. */
export class UnitReloads {
  readonly #link: UpLink;
  readonly #control: Control;
  /** The rounds that are not at their end, in their order. */
  readonly #rounds = new Map<number, Round>();
  #own: Own | undefined;
  /** The round that the unit's own reload has voted in: it is committed by that. */
  #ofOwn: Round | undefined;
  /** The reloads that began here and are committed here, and wait until they are everywhere. */
  readonly #waiting = new Map<number, Deferred<void>>();
  #last = 0;

  constructor(link: UpLink, control: Control) {
    this.#link = link;
    this.#control = control;
  }

  /** The site said something. */
  received(
    message: Extract<ToUnit, { readonly sitebus: "prepare" | "decide" | "all committed" | "reloaded" }>,
  ): void {
    if (message.sitebus === "prepare") this.#prepare(message);
    else if (message.sitebus === "decide") this.#decide(message.round, message.commit);
    else if (message.sitebus === "all committed") {
      this.#waiting.get(message.round)?.resolve();
      this.#waiting.delete(message.round);
      this.#link.inbox?.allCommitted();
    } else if (message.number === this.#own?.number) {
      // Without an error, another unit has asked for the same, and it is done, or this is known to the unit already.
      if (message.error === undefined) this.#own.decision.resolve();
      else this.#own.decision.reject(new Error(message.error));
    }
  }

  /** All listeners of a reload have prepared: votes, and waits for the decision. @throws {Error} Where it is a rollback. */
  async confirm(reload: Reload): Promise<void> {
    const round = [...this.#rounds.values()].find(({ generation, details, hasVoted }) => {
      return !hasVoted && generation === reload.generation && details === reload.details;
    });
    if (round !== undefined) {
      this.#vote(round);
      return await round.decision.promise;
    }
    await this.#askSite(reload);
  }

  /** All listeners have committed, and so many failed: see `ReloadInbox`. */
  committing(failures: number): Promise<void> | undefined {
    const round = this.#ofOwn;
    this.#ofOwn = undefined;
    if (round === undefined) return undefined;
    const all = defer<void>();
    this.#waiting.set(round.number, all);
    this.#committed(round, failures > 0 ? `${failures} commits failed` : undefined);
    return all.promise;
  }

  #prepare({ round: number, generation, details }: Prepare): void {
    const round: Round = {
      number,
      generation,
      details,
      decision: defer(),
      controller: new web.AbortController(),
      hasVoted: false,
      isOwn: false,
    };
    this.#rounds.set(number, round);
    const own = this.#own;
    if (own === undefined) return void this.#run(round);
    if (isDeepStrictEqual(own.details, details)) {
      this.#voteByOwn(round).then(own.decision.resolve, own.decision.reject);
      return;
    }
    this.#link.send({ sitebus: "take back", number: own.number });
    own.decision.reject(cameFirst());
    void this.#run(round);
  }

  /** The unit's own reload has prepared for the very thing that the site wants: it is the unit's part of the round. */
  async #voteByOwn(round: Round): Promise<void> {
    this.#ofOwn = round;
    round.isOwn = true;
    this.#vote(round);
    await round.decision.promise;
  }

  async #run(round: Round): Promise<void> {
    const { generation, details, controller } = round;
    try {
      const failures = await this.#control.reload(details, { generation, signal: controller.signal });
      const [first] = failures;
      this.#committed(round, first && `"${first.listener}" failed: ${textOf(first.error)}`);
    } catch (error) {
      if (round.isOwn) return;
      if (!round.hasVoted) this.#vote(round, textOf(error));
      else this.#link.send({ sitebus: "committed", round: round.number, error: textOf(error) });
      this.#rounds.delete(round.number);
    }
  }

  #vote(round: Round, error?: string): void {
    if (round.hasVoted) return;
    round.hasVoted = true;
    const isAsker = round.isOwn || this.#link.inbox?.hasAsker() === true;
    this.#link.send({
      sitebus: "vote",
      round: round.number,
      ...(error !== undefined && { error }),
      ...(isAsker && { isAsker }),
    });
  }

  #decide(number: number, commit: boolean): void {
    const round = this.#rounds.get(number);
    if (round === undefined) return;
    if (commit) return round.decision.resolve();
    const error = new Error("Cannot reload: the site rolled it back");
    round.decision.reject(error);
    // It may still be preparing.
    round.controller.abort(error);
    if (this.#ofOwn !== round) return;
    this.#ofOwn = undefined;
    this.#rounds.delete(number);
  }

  #committed(round: Round, error: string | undefined): void {
    const { number, generation, details } = round;
    this.#rounds.delete(number);
    this.#link.current = { details, generation };
    this.#link.send({ sitebus: "committed", round: number, ...(error !== undefined && { error }) });
  }

  /** Asks the site to reload all of its units, this one with them. */
  async #askSite({ details, signal }: Reload): Promise<void> {
    if (this.#link.inbox === undefined) {
      throw new Error(
        "Cannot reload inside a unit: its program has not called site(bus), which asks the site",
      );
    }
    checkCloneable("Cannot reload all units of the site", details);
    // A round of the site that waits until this one is over: one of the two has to give way.
    const waiting = [...this.#rounds.values()].find(({ hasVoted }) => !hasVoted);
    if (waiting !== undefined) {
      if (!isDeepStrictEqual(waiting.details, details)) throw cameFirst();
      const voted = this.#voteByOwn(waiting);
      waiting.controller.abort(cameFirst());
      return await voted;
    }
    const own: Own = { number: ++this.#last, details, decision: defer() };
    const giveUp = () => {
      this.#link.send({ sitebus: "take back", number: own.number });
      own.decision.reject(signal.reason);
    };
    this.#own = own;
    signal.addEventListener("abort", giveUp);
    this.#link.send({ sitebus: "reload all", number: own.number, details });
    try {
      await own.decision.promise;
    } finally {
      signal.removeEventListener("abort", giveUp);
      this.#own = undefined;
    }
  }
}

function cameFirst(): Error {
  return new TransitionError("superseded", "run", "reload", "another reload of the site came first");
}
