/**
 * The records of the log.
 * @module
 */
import type { State } from "./states.ts";

/** One line of the log, as data. Programs look at `event` and its fields; messages are for people. */
export interface LogRecord {
  /** Wall time, milliseconds since 1970. */
  readonly time: number;
  /** How much it matters. */
  readonly level: "debug" | "info" | "warn" | "error";
  /** The message, for people. */
  readonly message: string;
  /** The name of the bus. */
  readonly bus: string;
  /** The state that the bus was in. */
  readonly state?: State;
  /** The error that was thrown. */
  readonly error?: unknown;
  /** The kind of the record, for programs. The fields of each kind are listed in docs/concepts.md. */
  readonly event?: LogEvent | OtherEvent;
  /** The data of the event, or of the program. */
  readonly [field: string]: unknown;
}

/** An event of a platform, a component or the program. */
// deno-lint-ignore ban-types -- any string, and yet the known ones are offered by editors
export type OtherEvent = string & {};

/** The events that the bus itself logs. */
export type LogEvent =
  | "state"
  | "settled"
  | "component"
  | "failure"
  | "late"
  | "forced"
  | "signal"
  | "reload"
  | "inspect"
  | "exit"
  | "missed"
  | "grace";

/** The details that `log` takes beside the message: all fields of a record but those that the bus itself adds. */
export interface LogDetails {
  /** How much it matters. Default "info". */
  readonly level?: LogRecord["level"];
  /** The state that the bus was in, where that is not its present one. */
  readonly state?: State;
  /** The error that was thrown. */
  readonly error?: unknown;
  /** The kind of the record, for programs. */
  readonly event?: LogEvent | OtherEvent;
  /** More data. */
  readonly [field: string]: unknown;
}

/** Publishes a record on `log`. */
export type Log = (message: string, details?: LogDetails) => void;

/** A call that has not settled, as records and reports name it. */
export interface PendingCall {
  /** The name of the listener or component. */
  readonly listener: string;
  /** The channel that it was called on. */
  readonly channel: string;
  /** Milliseconds since it was called. */
  readonly ms: number;
}

/** Such as `"db" on "stop"`. */
export function titleOf({ listener, channel }: Pick<PendingCall, "listener" | "channel">): string {
  return `"${listener}" on "${channel}"`;
}

/** Pending calls as the end of a sentence: ` while "db" on "stop" still runs`, or nothing. */
export function whilePending(pending: readonly PendingCall[]): string {
  return pending.length === 0 ? "" : ` while ${pending.map(titleOf).join(", ")} still runs`;
}

/**
 * Whether a record only says how something ended that a second signal has cut: the record of the force has said what was
 * cut. Asked about records that come after that one.
 */
export function followsForce({ event, kind, component }: LogRecord): boolean {
  if (event === "failure") return kind === "timeout" || kind === "abort";
  return event === "late" || component !== undefined;
}
