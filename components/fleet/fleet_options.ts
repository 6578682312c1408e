/**
 * How a node joins a fleet, checked.
 * @module
 */
import { hostname } from "node:os";
import { checkFunction, checkKeys, checkMs, checkName, show } from "../../src/check.ts";
import { GOALS } from "../../src/states.ts";
import type { Right } from "../../src/guest.ts";
import type { KvmLike, NatsConnectionLike } from "./nats_like.ts";
import { checkFleetName } from "./names.ts";

/** How a node joins a fleet. */
export interface FleetOptions {
  /**
   * Connects to a server of NATS: `() => connect({ servers, … })`. TLS, credentials and WebSocket are its affair. It is called
   * again when a connection was closed for good.
   */
  readonly connect: () => Promise<NatsConnectionLike>;
  /** The name of the fleet: letters, digits, `-` and `_`. */
  readonly name: string;
  /** The rights of a controller at this node. Default `["reload"]`. */
  readonly rights?: readonly Right[];
  /** The name of this node, the same after a restart, and once in the fleet. Default: the name of the host. */
  readonly node?: string;
  /** The version of the application, for `members()`. */
  readonly version?: string;
  /** Tells how busy the node is. Default: the share of one processor that the process has used since the last time. */
  readonly load?: () => number;
  /**
   * Milliseconds until a node that says nothing is no member any more, and loses its slot in a roll. It has to be longer than
   * a start of the application takes. It holds for the whole fleet, and is set by whoever makes its buckets. Default 30 000.
   */
  readonly expireMs?: number;
  /** Makes a `Kvm` of a connection, where a bundler has to see the import. Default: that of `@nats-io/kv`. */
  readonly kvm?: (connection: NatsConnectionLike) => KvmLike;
}

/** The options with their defaults. */
export interface FleetSettings
  extends Required<Pick<FleetOptions, "connect" | "name" | "rights" | "node" | "expireMs">> {
  readonly version: string | undefined;
  readonly load: (() => number) | undefined;
  readonly kvm: FleetOptions["kvm"];
}

const OPTIONS = ["connect", "name", "rights", "node", "version", "load", "expireMs", "kvm"];

/** The shortest time that makes sense: it is renewed at a third of it. */
const SHORTEST_MS = 500;

/** Checks the options. @throws {TypeError | RangeError} Naming what is wrong. */
export function checkFleet(action: string, options: FleetOptions): FleetSettings {
  checkKeys(action, options, OPTIONS);
  const { connect, version, load, kvm, rights = ["reload"], node = hostname(), expireMs = 30_000 } = options;
  const name = checkFleetName(action, options.name);
  checkFunction(action, "connect", connect);
  checkFunction(action, "load", load, true);
  checkFunction(action, "kvm", kvm, true);
  checkName(`${action}: "node"`, node);
  if (new TextEncoder().encode(node).length > 200) {
    throw new RangeError(`${action}: "node" is ${show(node)}, expected at most 200 bytes`);
  }
  if (version !== undefined) checkName(`${action}: "version"`, version);
  checkMs(action, "expireMs", expireMs);
  if (expireMs < SHORTEST_MS) {
    throw new RangeError(`${action}: "expireMs" is ${expireMs}, expected at least ${SHORTEST_MS}`);
  }
  if (!Array.isArray(rights)) throw new TypeError(`${action}: "rights" is ${show(rights)}, expected a list`);
  for (const right of rights) checkRight(action, right);
  return { connect, name, rights: [...rights], node, expireMs, version, load, kvm };
}

function checkRight(action: string, right: unknown): void {
  if (typeof right === "string") {
    if (right === "reload" || (GOALS as readonly string[]).includes(right)) return;
    if (right.startsWith("publish:") && right.length > "publish:".length) return;
  }
  throw new TypeError(
    `${action}: the right ${show(right)} is unknown, expected one of ${
      GOALS.join(", ")
    }, reload, publish:<channel>`,
  );
}
