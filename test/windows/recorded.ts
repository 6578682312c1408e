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

/** What was recorded of one runtime. */
export interface Recorded {
  readonly runtime: WindowsRuntime;
  readonly version: string;
  readonly events: { readonly [L in Listening]?: Readonly<Record<ConsoleEvent, RecordedEvent>> };
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
