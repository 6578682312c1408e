/**
 * Asks units how they are: how much memory they have, and how many requests are in flight.
 * @module
 */
import type { Clock } from "../../src/platform.ts";
import { defer, type Deferred } from "../../src/internal.ts";
import type { Member } from "./member.ts";
import type { UnitStatus } from "./pool_value.ts";
import type { ToSite } from "./protocol.ts";
import { pause } from "./waiting.ts";

type Answer = Extract<ToSite, { readonly sitebus: "answer" }>;

/** The questions to the units of one pool. */
export class Measures {
  readonly #clock: Clock;
  readonly #asked = new Map<number, Deferred<Answer>>();
  /** Negative, which tells the answers from those to the questions of recycling. */
  #number = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Asks a unit; one that does not answer within so many milliseconds has neither memory nor requests. */
  async of(member: Member, within: number): Promise<UnitStatus> {
    const { id, name, kind, since, pid } = member.unit;
    const answer = await this.#ask(member, within);
    // Looked at only now: it may have changed meanwhile.
    const { state, generation } = member;
    return {
      ...{ id, name, kind, since, state, generation },
      ...pid !== undefined && { pid },
      // A thread shares the memory of its process.
      ...answer !== undefined && kind === "process" && { memory: answer.memory },
      ...answer?.inFlight !== undefined && { inFlight: answer.inFlight },
    };
  }

  /** A unit said something. */
  heard(message: ToSite): void {
    if (message.sitebus === "answer") this.#asked.get(message.number)?.resolve(message);
  }

  async #ask(member: Member, within: number): Promise<Answer | undefined> {
    if (member.isGone || member.state === "spawned") return undefined;
    const number = --this.#number;
    const answered = defer<Answer>();
    this.#asked.set(number, answered);
    member.send({ sitebus: "question", number });
    await pause(this.#clock, within, { until: Promise.race([answered.promise, member.gone]) });
    this.#asked.delete(number);
    return answered.settled ? await answered.promise : undefined;
  }
}
