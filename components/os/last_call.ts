/**
 * The last call of a bus, told from its log alone: the bus logs each call of a component before it makes it.
 * @module
 */
import type { LogRecord } from "../../src/records.ts";
import type { Called } from "./watchdog_thread.ts";

const CHANNELS: Readonly<Record<string, string>> = { starting: "start", draining: "drain", stopping: "stop" };

/** The longest name that is kept: the shared memory of the watchdog has an end. */
const LONGEST_NAME = 200;

/** Follows the log of a bus. */
export class LastCall {
  #state: string;
  #isAtRest = false;
  /** The calls of components that have not ended, with their channels, in the order in which they began. */
  readonly #pending = new Map<string, string>();

  constructor(state: string) {
    this.#state = state;
  }

  /** Takes a record; true where it changes what there is to say. */
  take({ event, component, status, state }: LogRecord): boolean {
    if (event === "state" && typeof state === "string") {
      this.#state = state;
      this.#isAtRest = false;
      return true;
    }
    if (event === "settled") return this.#isAtRest = true;
    if (event !== "component" || typeof component !== "string") return false;
    this.#pending.delete(component);
    const channel = CHANNELS[String(status)];
    if (channel !== undefined) this.#pending.set(component, channel);
    return true;
  }

  /** The last call: a component whose call has not ended, else some listener of the state. */
  get call(): Called {
    const state = this.#state;
    const [listener, channel] = [...this.#pending].at(-1) ?? [];
    if (listener !== undefined) {
      return { state, listener: listener.slice(0, LONGEST_NAME), channel: channel! };
    }
    return this.#isAtRest ? { state } : { state, channel: state };
  }
}
