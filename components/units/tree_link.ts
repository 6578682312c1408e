/**
 * One link of the tree of buses, up or down, from this bus's end: what is asked over it, and what comes back.
 * @module
 */
import { defer, type Deferred } from "../../src/internal.ts";
import type { Clock } from "../../src/platform.ts";
import type { Act, Envelope, Receipt, Receipts, Scope } from "./protocol.ts";

/** The bus at the other end. */
export interface Neighbor {
  /** Its name. */
  readonly bus: string;
  /** Where it is, seen from the top of the tree. */
  readonly path: string;
  /** Whether it is in this process. */
  readonly inProcess: boolean;
  /** Whether it is the site of this bus, and not one of its units. */
  readonly isUp: boolean;
  /** Why it may not ask for something; undefined where it may. */
  refusal(act: Act): string | undefined;
  send(message: Envelope | Receipts): void;
}

/** A request to the other end, and to all buses beyond it. */
export interface Asked {
  readonly from: string;
  readonly act: Act;
  readonly scope: Scope;
  readonly to?: string | undefined;
  /** Milliseconds until receipts that did not come are late. */
  readonly leftMs: number;
}

/** Milliseconds that the other end has less than this one, so that its receipts for late buses arrive in time. */
const HOP_MS = 50;
const HOP_PART = 0.1;

/** The requests that are not answered. */
interface Pending {
  readonly answer: Deferred<readonly Receipt[]>;
  readonly to: string | undefined;
}

/** One link. */
export class TreeLink {
  readonly neighbor: Neighbor;
  readonly #clock: Clock;
  readonly #pending = new Map<number, Pending>();
  #last = 0;
  #isClosed = false;

  constructor(neighbor: Neighbor, clock: Clock) {
    this.neighbor = neighbor;
    this.#clock = clock;
  }

  /** Asks the other end. Never rejects: what is late or dead has a receipt that says so. */
  async ask({ leftMs, to, ...asked }: Asked): Promise<readonly Receipt[]> {
    const id = ++this.#last;
    const since = this.#clock.now();
    const answer = defer<readonly Receipt[]>();
    this.#pending.set(id, { answer, to });
    const disarm = this.#clock.setTimer(leftMs, () => {
      answer.resolve(
        this.#missing(to, this.#clock.now() - since, `it did not answer within ${Math.round(leftMs)} ms`),
      );
    });
    if (this.#isClosed) answer.resolve(this.#missing(to, 0, "it has ended"));
    else {
      const further = Math.max(leftMs - Math.min(HOP_MS, leftMs * HOP_PART), 0);
      this.neighbor.send({
        sitebus: "message",
        id,
        ...asked,
        ...(to !== undefined && { to }),
        leftMs: further,
      });
    }
    const receipts = await answer.promise;
    disarm();
    this.#pending.delete(id);
    return receipts;
  }

  /** Receipts came. What nobody waits for any more is too late. */
  received({ id, receipts }: Receipts): void {
    this.#pending.get(id)?.answer.resolve(receipts);
  }

  /** The other end is gone. */
  close(): void {
    this.#isClosed = true;
    for (const { answer, to } of this.#pending.values()) {
      answer.resolve(this.#missing(to, 0, "it ended before it answered"));
    }
  }

  #missing(to: string | undefined, ms: number, error: string): readonly Receipt[] {
    const { bus, path } = this.neighbor;
    return to === undefined || to === bus ? [{ bus, path, ok: false, ms, error }] : [];
  }
}
