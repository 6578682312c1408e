/**
 * The entries of the buckets of a fleet, as JSON.
 * @module
 */
import type { State } from "../../src/states.ts";
import type { Right } from "../../src/guest.ts";
import type { Act, Receipt } from "../units/protocol.ts";
import type { KvEntryLike } from "./nats_like.ts";

/** A reload of the fleet: the newest is what all nodes are to have. */
export interface GenerationEntry {
  readonly generation: number;
  /** Tells it from one of the same number in a bucket that was made anew. */
  readonly id: string;
  readonly details: unknown;
}

/** The action of a roll on each node. */
export type RollKind = "restart" | "graceful";

/** A roll of the fleet. */
export interface RollEntry {
  readonly id: string;
  readonly how: RollKind;
  readonly atOnce: number;
  /** Whether the others go on after one has failed. */
  readonly keepGoing: boolean;
  /** The names of the nodes, in the order in which they were found. */
  readonly members: readonly string[];
  /** Whether a controller has seen it end. */
  readonly ended?: boolean;
}

/** Ends a roll: a node has failed, or has died in it. */
export interface HaltedEntry {
  readonly roll: string;
  readonly node: string;
  readonly error: string;
}

/** A command to the nodes. */
export interface CommandEntry {
  readonly id: string;
  /** The generation of the fleet when it was given: a node that has a newer one refuses it. */
  readonly generation: number;
  /** Milliseconds after its arrival at the server in which it may begin. */
  readonly expiresMs: number;
  /** Milliseconds that a node has for its receipts. */
  readonly withinMs: number;
  readonly act: Act;
  /** Only the nodes of these names. */
  readonly nodes?: readonly string[];
  /** Only the buses of this name. */
  readonly to?: string;
}

/** The stored form of a node's receipts for one command. */
export interface ReceiptsEntry {
  readonly node: string;
  readonly receipts: readonly Receipt[];
}

/** The node that has a slot of a roll. */
export interface SlotEntry {
  readonly roll: string;
  readonly node: string;
}

/** The outcome of the newest generation that a node has tried. */
export interface FleetApplied {
  /** The generation. */
  readonly generation: number;
  /** Whether it was committed; else the node has kept what it had. */
  readonly ok: boolean;
  /** Milliseconds that the reload took. */
  readonly ms: number;
  /** Why it was not committed, such as the message of a veto. */
  readonly error?: string;
}

/** A node's part in a roll. */
export interface FleetRolling {
  /** The id of the roll. */
  readonly id: string;
  /** `waiting`: for a slot; `refused`: the node has not granted the right; `stopped`: the roll was ended before its turn. */
  readonly state: "waiting" | "rolling" | "done" | "failed" | "refused" | "stopped";
  /** Milliseconds that its turn took. */
  readonly ms?: number;
  /** The error, in words. */
  readonly error?: string;
}

/** One node of the fleet, as it has described itself. */
export interface FleetMember {
  /** Its name, once in a fleet. */
  readonly node: string;
  /** The name of its bus. */
  readonly bus: string;
  /** A new one for each process. */
  readonly instance: string;
  /** Its process, where there is one. */
  readonly pid?: number;
  /** The runtime, such as "node 26.1.0". */
  readonly runtime: string;
  /** The version of the application, where `version` was given. */
  readonly version?: string;
  /** The state of its bus. */
  readonly state: State;
  /** Whether it is ready for traffic: its bus runs, and has settled. */
  readonly ready: boolean;
  /** The generation of the fleet that it runs with; 0 before the first. */
  readonly generation: number;
  /** The outcome of the newest generation that it has tried. */
  readonly applied?: FleetApplied;
  /** Its part in the newest roll. */
  readonly roll?: FleetRolling;
  /** How busy it is: by default the share of one processor that its process has used since the last time. */
  readonly load: number;
  /** The rights that it grants. */
  readonly rights: readonly Right[];
}

/** Reads an entry; undefined where it was deleted, or is nothing that a fleet has written. */
export function read<T extends object>(entry: KvEntryLike | null | undefined): T | undefined {
  if (!entry || entry.operation !== "PUT") return undefined;
  try {
    const value: unknown = JSON.parse(entry.string());
    return typeof value === "object" && value !== null && isWhole(entry.key, value) ? value as T : undefined;
  } catch {
    return undefined;
  }
}

/** The fields without which an entry of a key cannot be used, by the key's first word. */
const FIELDS: Readonly<Record<string, Readonly<Record<string, (value: unknown) => boolean>>>> = {
  generation: { generation: Number.isInteger, id: isString },
  roll: { id: isString, how: isString, atOnce: Number.isInteger, members: Array.isArray },
  halted: { roll: isString, node: isString, error: isString },
  command: {
    id: isString,
    generation: Number.isInteger,
    expiresMs: Number.isFinite,
    withinMs: Number.isFinite,
    act: isAct,
  },
  member: {
    node: isString,
    bus: isString,
    instance: isString,
    state: isString,
    generation: Number.isInteger,
  },
  slot: { roll: isString, node: isString },
  receipt: { node: isString, receipts: Array.isArray },
};

/** Whether the value has what its key promises: other programs may write to the server too. */
function isWhole(key: string, value: object): boolean {
  const fields = Object.entries(FIELDS[key.split(".", 1)[0] ?? ""] ?? {});
  return fields.length > 0 && fields.every(([name, fits]) => fits((value as Record<string, unknown>)[name]));
}

function isString(value: unknown): boolean {
  return typeof value === "string";
}

function isAct(value: unknown): boolean {
  const { publish, args, request } = Object(value) as Record<string, unknown>;
  return isString(request) || isString(publish) && Array.isArray(args);
}
