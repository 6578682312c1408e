/**
 * Sources of requests to a bus, beside the signals of its process: the end of the standard input, messages, events of
 * Windows, an empty event loop.
 * @module
 */
import type { Control } from "../../src/platform.ts";
import type { State } from "../../src/states.ts";
import type { ArmedSignal } from "./signal_table.ts";

/** What a source may do. */
export interface Told {
  /** Asks the bus, and logs. */
  readonly control: Control;
  /** Delivers a signal as if it came from the runtime. */
  deliver(signal: ArmedSignal): void;
}

/** One source. A source that does not work here says so in the log, and the bus runs without it. */
export interface Source {
  /** Begins. The signals are armed before. */
  attach(told: Told): void | Promise<void>;
  /** The program waits in `block()` until this promise settles. */
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
