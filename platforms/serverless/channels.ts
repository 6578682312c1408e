/**
 * The channels that a serverless host adds to a bus.
 * @module
 */
import type { Signal } from "../../src/internal.ts";

/** The time that a listener of `flush` has. A phase is of this type, and so is the context of an invocation. */
export interface FlushTime {
  /** Aborts shortly before the time is over. */
  readonly signal: Signal;
  /** Milliseconds until the time is over; `Infinity` where the host does not tell a deadline. */
  left(): number;
}

/**
 * The channels of a bus on a serverless host beside its states, for `new ProcessBus<ServerlessChannels>(…)`.
 *
 * @example
 * ```ts
 * import { ProcessBus } from "@sitebus/sitebus";
 * import { serverless, type ServerlessChannels } from "@sitebus/sitebus/serverless";
 *
 * const bus = new ProcessBus<ServerlessChannels>({ platform: serverless() });
 * bus.subscribe("thaw", (gapMs) => console.log(`frozen for up to ${gapMs} ms: check the connections`));
 * bus.subscribe("flush", ({ signal }) => fetch("https://logs.example", { method: "POST", signal }));
 * ```
 */
export interface ServerlessChannels {
  /** Before an invocation, if the host may have frozen the process since the last one: for at most so many milliseconds. */
  thaw: [gapMs: number];
  /** Where the host gives notice of its end: in `exit`. Where it gives none: after each invocation. */
  flush: [time: FlushTime];
}
