/**
 * What else tells a bus when, beside the signals of its process.
 * @module
 */
import type { Control } from "../../src/platform.ts";
import type { State } from "../../src/states.ts";
import type { ArmedSignal } from "./signal_table.ts";

/** What a source has of the bus and of the process that it holds. */
export interface Told {
  /** What may be done to the bus. */
  readonly control: Control;
  /** Takes a signal as if the runtime had told of it. */
  deliver(signal: ArmedSignal): void;
}

/** One source. What it cannot do it says in the log, and the bus goes on without. */
export interface Source {
  /** Begins; the signals are armed already. */
  attach(told: Told): void | Promise<void>;
  /** The bus is blocked until then. */
  park?(until: Promise<unknown>): void;
  /** A state was entered or has settled. */
  pulse?(state: State, settled: boolean): void;
  /**
   * Lets go of every handle, and of what would keep the process from its end, or belongs to a successor that is about to
   * be started; after a restart, it is called at the end once more. Also where it never began.
   */
  leave?(why: "restart" | "end"): void | Promise<void>;
  /** Another bus takes the process: whatever is still listened for until the process ends is now its own. */
  release?(): void;
}
