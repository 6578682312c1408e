/**
 * The commands to one node: each is carried out once, and only before it expires.
 * @module
 */
import type { Right } from "../../src/guest.ts";
import type { Receipt } from "../units/protocol.ts";
import type { Buckets } from "./buckets.ts";
import type { CommandEntry, ReceiptsEntry } from "./entries.ts";
import { receiptKey } from "./names.ts";

/** The part of a node that its commands need. */
export interface CommandsHost {
  readonly node: string;
  readonly bus: string;
  readonly rights: readonly Right[];
  /** The generation that the node has heard of last. */
  readonly generation: number;
  readonly buckets: Buckets | undefined;
  /** The present time by the server's clock, in milliseconds since 1970. */
  serverTime(): number;
  /** Does it; there is one receipt for each bus of the node that it was for. */
  act(command: CommandEntry): Promise<readonly Receipt[]>;
  /** The receipts are stored: does what the node does not outlive. */
  afterwards(command: CommandEntry): void;
  refused(what: string, why: string): void;
}

/** So many ids are remembered. */
const REMEMBERED = 1_000;

/** The commands of one node. */
export class NodeCommands {
  readonly #host: CommandsHost;
  readonly #seen = new Set<string>();

  constructor(host: CommandsHost) {
    this.#host = host;
  }

  /** A command that was there before this process: it is not for it. */
  pass(command: CommandEntry): void {
    this.#seen.add(command.id);
  }

  /** There is a command, which the server has stored at that time. */
  offer(command: CommandEntry, storedAt: number): void {
    const { id, nodes } = command;
    if (this.#seen.has(id)) return;
    this.#seen.add(id);
    const [oldest] = this.#seen;
    if (this.#seen.size > REMEMBERED && oldest !== undefined) this.#seen.delete(oldest);
    if (nodes !== undefined && !nodes.includes(this.#host.node)) return;
    void this.#carryOut(command, storedAt);
  }

  async #carryOut(command: CommandEntry, storedAt: number): Promise<void> {
    const { node, bus, refused } = this.#host;
    const refusal = this.#refusalOf(command, storedAt);
    let receipts: readonly Receipt[];
    if (refusal === undefined) receipts = await this.#host.act(command);
    else {
      refused(rightOf(command), refusal);
      receipts = [{ bus, path: "/", ok: false, ms: 0, error: refusal }];
    }
    const entry: ReceiptsEntry = {
      node,
      receipts: receipts.map((receipt) => ({ ...receipt, path: pathOf(node, receipt.path) })),
    };
    await this.#host.buckets?.live.put(receiptKey(command.id, node), JSON.stringify(entry)).catch(() => {});
    if (refusal === undefined) this.#host.afterwards(command);
  }

  #refusalOf(command: CommandEntry, storedAt: number): string | undefined {
    const { rights, generation, serverTime } = this.#host;
    const right = rightOf(command);
    if (!rights.includes(right)) return `the node does not grant the right "${right}"`;
    const age = serverTime() - storedAt;
    if (age > command.expiresMs) {
      return `it expired ${Math.round(age - command.expiresMs)} ms before it arrived`;
    }
    if (command.generation < generation) {
      return `it was given at generation ${command.generation}, and the node has heard of ${generation}`;
    }
    return undefined;
  }
}

function rightOf({ act }: CommandEntry): Right {
  return "publish" in act ? `publish:${act.publish}` : act.request;
}

/** Where a bus is, seen from the fleet: "web-1" for a node, "web-1/web/3" for a unit of it. */
function pathOf(node: string, path: string): string {
  return path === "/" ? node : `${node}/${path}`;
}
