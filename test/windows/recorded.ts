/**
 * What was recorded of Windows, for fakes: they replay this and nothing else, and `recorded.test.ts` records it
 * again under Wine and compares.
 * @module
 */
import { readFileSync, writeFileSync } from "node:fs";
import type { WindowsRuntime } from "../../scripts/windows/builds.ts";
import type { ConsoleEvent } from "./console_events.ts";

/** How a runtime's listeners are added. */
export type Listening = "process.on" | "Deno.addSignalListener";

/** What a runtime made of an event. */
export interface RecordedEvent {
  /** The signal whose listener was called, or null where none was. */
  readonly signal: string | null;
  /** What the listener was given. */
  readonly args: readonly unknown[];
  /**
   * What became of the thread on which Windows told the process: it returned at once, it is held until the process
   * ends, or it ended the process.
   */
  readonly thread: "returned" | "held" | "exited";
}

/** What Windows answered a call of the platform: a handle, nothing, or whether it did what it was to do. */
type Answers<K extends string, T> = { readonly [N in K]: T };

/** What the calls of `platforms/windows/win32.ts` answered, in each case that makes a difference. */
export interface RecordedCalls {
  /** Of a name that nobody has, and of an event and a mutex of another process. */
  readonly openEvent: Answers<"missing" | "event" | "mutex", "handle" | null>;
  /** Without a name, and of a name that nobody, or a mutex of another process, has. */
  readonly createEvent: Answers<"unnamed" | "free" | "mutex", "handle" | null>;
  readonly setEvent: Answers<"open" | "closed", boolean>;
  readonly resetEvent: Answers<"open" | "closed", boolean>;
  readonly closeHandle: Answers<"open" | "closed", boolean>;
  /** For a stop event and one that another process set once, after which the stop event was set. */
  readonly waitFor: { readonly told: readonly number[]; readonly end: "ended" };
  /** For events that are held. */
  readonly takeEvents: Answers<HeldEvent, TakenEvent>;
  /** For events that are not. */
  readonly passEvents: Answers<HeldEvent, TakenEvent>;
}

/** Whether the listener was told of an event, and what became of the thread. */
interface TakenEvent {
  readonly told: boolean;
  readonly thread: RecordedEvent["thread"];
}

/** An event after which Windows ends the process. */
export type HeldEvent = "CTRL_CLOSE" | "CTRL_LOGOFF" | "CTRL_SHUTDOWN";

/** What was recorded of one runtime. */
export interface Recorded {
  readonly runtime: WindowsRuntime;
  readonly version: string;
  readonly events: { readonly [L in Listening]?: Readonly<Record<ConsoleEvent, RecordedEvent>> };
  readonly calls: RecordedCalls;
}

/** Reads what was recorded of a runtime. @throws {Error} Where nothing was. */
export function readRecorded(runtime: WindowsRuntime): Recorded {
  return JSON.parse(readFileSync(fileOf(runtime), "utf8")) as Recorded;
}

/** Keeps what was recorded of a runtime. */
export function writeRecorded(recorded: Recorded): void {
  writeFileSync(fileOf(recorded.runtime), `${JSON.stringify(recorded, null, 2)}\n`);
}

function fileOf(runtime: WindowsRuntime): URL {
  return new URL(`./recorded/${runtime}.json`, import.meta.url);
}
