/**
 * The way of a message through the tree: it goes to every link but the one that it came by, and stops where its scope
 * does; each bus that it is for has one receipt.
 * @module
 */
import type { Clock } from "../../src/platform.ts";
import type { Act, Envelope, Receipt, Receipts } from "./protocol.ts";
import { type Asked, type Neighbor, TreeLink } from "./tree_link.ts";

/** The part of a bus that a router uses. */
export interface RouterHost {
  /** The name of the bus. */
  readonly bus: string;
  readonly clock: Clock;
  /** Where the bus is, seen from the top of the tree. */
  path(): string;
  /** Does here what was asked; rejects where it failed. */
  act(act: Act): Promise<unknown>;
  /** Says that what a unit asked was refused. */
  refused(path: string, refusal: string): void;
}

/** The links of one bus. */
export class Router {
  readonly #host: RouterHost;
  readonly #links = new Set<TreeLink>();

  constructor(host: RouterHost) {
    this.#host = host;
  }

  /** Adds a link. */
  connect(neighbor: Neighbor): TreeLink {
    const link = new TreeLink(neighbor, this.#host.clock);
    this.#links.add(link);
    return link;
  }

  /** Takes a link off: its other end is gone. */
  disconnect(link: TreeLink): void {
    this.#links.delete(link);
    link.close();
  }

  /** Handles a message that came over a link. */
  received(link: TreeLink, message: Envelope | Receipts): void {
    if (message.sitebus === "receipts") return link.received(message);
    const { id, act, ...rest } = message;
    void this.#judge(link, { act, ...rest }).then((receipts) => {
      link.neighbor.send({ sitebus: "receipts", id, receipts });
    });
  }

  /** Asks this bus, where it is meant, and all beyond. Never rejects. */
  async ask(asked: Asked, from?: TreeLink): Promise<readonly Receipt[]> {
    const beyond = [...this.#links].filter((link) => link !== from && goesOver(asked, link));
    const found = await Promise.all([this.#actHere(asked), ...beyond.map((link) => link.ask(asked))]);
    return found.flat();
  }

  /**
   * Has all of the tree reload, or none: the affair of the bus at its top. The units of that have the receipt that it has; what is
   * beyond them they know themselves.
   */
  async askReload(asked: Asked): Promise<readonly Receipt[]> {
    const up = [...this.#links].find(({ neighbor }) => neighbor.isUp);
    if (up !== undefined) return await up.ask({ ...asked, to: undefined, scope: "tree" });
    const own = await this.#actHere({ ...asked, to: undefined });
    const units = [...this.#links].map(({ neighbor: { bus, path } }) => ({ ...own[0]!, bus, path }));
    return [...own, ...units];
  }

  async #judge(link: TreeLink, asked: Asked): Promise<readonly Receipt[]> {
    const refusal = link.neighbor.refusal(asked.act);
    if (refusal !== undefined) {
      const { bus, path } = link.neighbor;
      this.#host.refused(path, refusal);
      return [{
        bus: this.#host.bus,
        path: this.#host.path(),
        ok: false,
        ms: 0,
        error: `${refusal} ("${bus}")`,
      }];
    }
    // A reload is the affair of the top, from where it reaches all.
    if ("request" in asked.act && asked.act.request === "reload" && !link.neighbor.isUp) {
      return await this.askReload(asked);
    }
    return await this.ask(asked, link);
  }

  async #actHere({ act, to, leftMs }: Asked): Promise<readonly Receipt[]> {
    const { bus, clock } = this.#host;
    if (to !== undefined && to !== bus) return [];
    const since = clock.now();
    const receipt = (error?: string): Receipt => ({
      bus,
      path: this.#host.path(),
      ok: error === undefined,
      ms: clock.now() - since,
      ...(error !== undefined && { error }),
    });
    let disarm = () => {};
    const late = new Promise<string>((resolve) => {
      disarm = clock.setTimer(leftMs, () => resolve(`it did not settle within ${Math.round(leftMs)} ms`));
    });
    const done = this.#host.act(act).then(() => undefined, (error) => messageOf(error));
    const error = await Promise.race([done, late]);
    disarm();
    return [receipt(error)];
  }
}

function goesOver({ scope }: Asked, { neighbor }: TreeLink): boolean {
  return scope === "tree" || scope === "process" && neighbor.inProcess;
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
