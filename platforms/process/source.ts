/**
 * Sources of requests to a bus, other than the signals of its process: the end of the standard input, messages, events of
 * Windows, an empty event loop.
 * @module
 */
import type { Control } from "../../src/platform.ts";
import type { State } from "../../src/states.ts";
import type { ArmedSignal } from "./signal_table.ts";

/** The parts of the platform that a source may use. */
export interface Told {
  /** Sends requests to the bus, and logs. */
  readonly control: Control;
  /** Delivers a signal as if it came from the runtime. */
  deliver(signal: ArmedSignal): void;
}

/** A source of requests. A source that does not work on this system logs a warning, and the bus runs without it. */
export interface Source {
  /** Begins to listen. The signal listeners are added before. */
  attach(told: Told): void | Promise<void>;
  /** The program waits in `block()` until this promise settles. */
  park?(until: Promise<unknown>): void;
  /** A state was entered or has settled. */
  pulse?(state: State, settled: boolean): void;
  /**
   * Closes everything that would keep the process alive or that a successor is about to use. Called before a successor starts
   * and once more at the end, even if `attach` was never called.
   */
  leave?(why: "restart" | "end"): void | Promise<void>;
  /** Removes the listeners that stay until the process ends. Called when another bus takes over the process. */
  release?(): void;
}
