/**
 * How others hear of what a bus tells its testing platform: the gate of a serverless host, for one.
 * @module
 */
import type { Control, Outcome } from "../../src/platform.ts";
import type { State } from "../../src/states.ts";

/** Is told what the bus tells its platform. */
export interface PlatformObserver {
  /** The platform was attached. */
  attach(control: Control): void;
  /** The bus entered a state, or settled in it. */
  pulse(state: State, settled: boolean): void;
  /** The bus has ended. */
  leave(outcome: Outcome): void;
}

/** Marks a testing platform; two copies of this package may meet. */
export const observe: unique symbol = Symbol.for("sitebus.testing.observe");

/** A platform that may be observed. */
export interface ObservedPlatform {
  /** Tells the observer everything that has happened, and from now on everything as it happens. */
  [observe](observer: PlatformObserver): void;
}
