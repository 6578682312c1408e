/**
 * The messages between a site and a unit over their link: a port to a thread, IPC to a process. All messages can be cloned.
 * A message of the embedded platform means the same here, so that a bus on `embedded({ port })` is understood.
 * @module
 */
import type { BusMessage, HostMessage } from "../../platforms/embedded.ts";
import type { Goal } from "../../src/states.ts";

/** How far an event goes. */
export type Scope = "isolate" | "process" | "tree" | "fleet";

/** The request to every bus that a message reaches. */
export type Act =
  | { readonly publish: string; readonly args: readonly unknown[] }
  | { readonly request: Goal | "reload"; readonly details?: unknown };

/** The answer of one bus to a message. */
export interface Receipt {
  /** The name of the bus. */
  readonly bus: string;
  /** Where it is, seen from the top of the tree: "web/3" for a unit, "/" for the top itself. */
  readonly path: string;
  /** Whether the goal settled, the reload was committed, or all listeners succeeded. */
  readonly ok: boolean;
  /** Milliseconds until it had done so. */
  readonly ms: number;
  /** The error, in words. */
  readonly error?: string;
}

/** A message on its way through the tree. Each link has ids of its own. */
export interface Envelope {
  readonly sitebus: "message";
  readonly id: number;
  /** The path of the bus that it comes from. */
  readonly from: string;
  readonly act: Act;
  readonly scope: Scope;
  /** The name of the buses it is for; all of them, where absent. */
  readonly to?: string;
  /** Milliseconds that the receiver has for its receipts. */
  readonly leftMs: number;
}

/** The receipts of the receiver, and of all buses beyond it. */
export interface Receipts {
  readonly sitebus: "receipts";
  readonly id: number;
  readonly receipts: readonly Receipt[];
}

/** The first word of a site to a unit: what the unit has to know before its bus starts. */
export interface Welcome {
  readonly sitebus: "welcome";
  /** The path of the unit, seen from the top of the tree. */
  readonly path: string;
  /** The details of the last reload that was committed, and its generation. */
  readonly details: unknown;
  readonly generation: number;
  /** After so many connections the unit tells that it is worn, and after so many it accepts no more. */
  readonly connections?: { readonly worn: number; readonly most: number };
}

/** A message from a site to a unit. */
export type ToUnit =
  | HostMessage
  | Welcome
  | { readonly sitebus: "question"; readonly number: number }
  | { readonly sitebus: "not renewed" }
  | {
    readonly sitebus: "prepare";
    readonly round: number;
    readonly generation: number;
    readonly details: unknown;
  }
  | { readonly sitebus: "decide"; readonly round: number; readonly commit: boolean }
  | { readonly sitebus: "all committed"; readonly round: number }
  | { readonly sitebus: "reloaded"; readonly number: number; readonly error?: string }
  | Envelope
  | Receipts;

/** A message from a unit to its site. */
export type ToSite =
  | BusMessage
  | { readonly sitebus: "hello"; readonly bus: string; readonly inspected: boolean }
  | {
    readonly sitebus: "answer";
    readonly number: number;
    readonly memory: number;
    readonly inFlight?: number;
  }
  | { readonly sitebus: "worn" }
  | { readonly sitebus: "full" }
  | { readonly sitebus: "renew" }
  | { readonly sitebus: "vote"; readonly round: number; readonly error?: string; readonly isAsker?: boolean }
  | { readonly sitebus: "committed"; readonly round: number; readonly error?: string }
  | { readonly sitebus: "reload all"; readonly number: number; readonly details: unknown }
  | { readonly sitebus: "take back"; readonly number: number }
  | Envelope
  | Receipts;

/** The kinds of message that only a site says to a unit. */
const TO_UNIT: readonly string[] = [
  "welcome",
  "question",
  "not renewed",
  "prepare",
  "decide",
  "all committed",
  "reloaded",
  "message",
  "receipts",
];

/** The kinds of message that a unit says to its site. */
const TO_SITE: readonly string[] = [
  "hello",
  "state",
  "left",
  "answer",
  "worn",
  "full",
  "renew",
  "vote",
  "committed",
  "reload all",
  "take back",
  "message",
  "receipts",
];

/** Whether a message came from a site of this protocol; what else is on the port belongs to somebody else. */
export function isToUnit(message: unknown): message is Exclude<ToUnit, HostMessage> {
  return TO_UNIT.includes(kindOf(message));
}

/** Whether a message came from a unit of this protocol. */
export function isToSite(message: unknown): message is ToSite {
  return TO_SITE.includes(kindOf(message));
}

function kindOf(message: unknown): string {
  const kind = typeof message === "object" && message !== null &&
    (message as { readonly sitebus?: unknown }).sitebus;
  return typeof kind === "string" ? kind : "";
}

/**
 * Checks that a value can be sent. Deno notices too late by itself, and ends the receiver.
 * @throws {TypeError} Saying why it cannot.
 */
export function checkCloneable(action: string, value: unknown): void {
  try {
    structuredClone(value);
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new TypeError(`${action}: it cannot be cloned: ${why}`, { cause });
  }
}
