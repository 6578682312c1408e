/**
 * Reads the recordings of Windows for fakes, which replay only recorded results. `recorded.test.ts` records them again under
 * Wine and compares.
 * @module
 */
import { readFileSync, writeFileSync } from "node:fs";
import type { WindowsRuntime } from "../../scripts/windows/builds.ts";
import type { ConsoleEvent } from "./console_events.ts";

/** The ways to add a listener on a runtime. */
export type Listening = "process.on" | "Deno.addSignalListener";

/** The recorded reaction of a runtime to an event. */
export interface RecordedEvent {
  /** The signal whose listener was called, or null if none was called. */
  readonly signal: string | null;
  /** The arguments of the listener. */
  readonly args: readonly unknown[];
  /**
   * The result of the thread on which Windows called the handlers: it returned at once, it is held until the process ends, or it
   * ended the process.
   */
  readonly thread: "returned" | "held" | "exited";
}

/** The recorded result of a call of Windows: a handle, nothing, or whether the call succeeded. */
type Answers<K extends string, T> = { readonly [N in K]: T };

/** The recorded results of the calls of `platforms/windows/win32.ts`, for each case that makes a difference. */
export interface RecordedCalls {
  /** For an unused name, and for an event and a mutex of another process. */
  readonly openEvent: Answers<"missing" | "event" | "mutex", "handle" | null>;
  /** Without a name, with an unused name, and with the name of a mutex of another process. */
  readonly createEvent: Answers<"unnamed" | "free" | "mutex", "handle" | null>;
  readonly setEvent: Answers<"open" | "closed", boolean>;
  readonly resetEvent: Answers<"open" | "closed", boolean>;
  readonly closeHandle: Answers<"open" | "closed", boolean>;
  /** For a stop event and another event. Another process set the latter once, and then the stop event was set. */
  readonly waitFor: { readonly told: readonly number[]; readonly end: "ended" };
  /** For events that are held. */
  readonly takeEvents: Answers<HeldEvent, TakenEvent>;
  /** For events that are not held. */
  readonly passEvents: Answers<HeldEvent, TakenEvent>;
}

/** Whether the listener received an event, and the result of the thread. */
interface TakenEvent {
  readonly told: boolean;
  readonly thread: RecordedEvent["thread"];
}

/** An event after which Windows ends the process. */
export type HeldEvent = "CTRL_CLOSE" | "CTRL_LOGOFF" | "CTRL_SHUTDOWN";

/** The recordings of one runtime. */
export interface Recorded {
  readonly runtime: WindowsRuntime;
  readonly version: string;
  readonly events: { readonly [L in Listening]?: Readonly<Record<ConsoleEvent, RecordedEvent>> };
  readonly calls: RecordedCalls;
}

/** Reads the recordings of a runtime. @throws {Error} If there are none. */
export function readRecorded(runtime: WindowsRuntime): Recorded {
  return JSON.parse(readFileSync(fileOf(runtime), "utf8")) as Recorded;
}

/** Writes the recordings of a runtime. */
export function writeRecorded(recorded: Recorded): void {
  writeFileSync(fileOf(recorded.runtime), `${JSON.stringify(recorded, null, 2)}\n`);
}

function fileOf(runtime: WindowsRuntime): URL {
  return new URL(`./recorded/${runtime}.json`, import.meta.url);
}
