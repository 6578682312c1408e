/**
 * The channels that a serverless host adds to a bus.
 * @module
 */
import type { Signal } from "../../src/internal.ts";

/** What a listener of `flush` gets: the time there is for it. A phase and an invocation's context both are one. */
export interface FlushTime {
  /** Aborts shortly before the time is over. */
  readonly signal: Signal;
  /** Milliseconds until it is over; `Infinity` where the host tells no deadline. */
  left(): number;
}

/**
 * What a bus on a serverless host publishes beside its states, for `new ProcessBus<ServerlessChannels>(…)`.
 *
 * @example
 * ```ts
 * import { ProcessBus } from "@sitebus/sitebus";
 * import { serverless, type ServerlessChannels } from "@sitebus/sitebus/serverless";
 *
 * const bus = new ProcessBus<ServerlessChannels>({ platform: serverless() });
 * bus.subscribe("thaw", (gapMs) => console.log(`frozen for up to ${gapMs} ms: look after the connections`));
 * bus.subscribe("flush", ({ signal }) => fetch("https://logs.example", { method: "POST", signal }));
 * ```
 */
export interface ServerlessChannels {
  /** Before an invocation, where the host froze the process since the last one: for how many milliseconds at most. */
  thaw: [gapMs: number];
  /** Where the host gives notice of its end: in `exit`. Where it gives none: after each invocation. */
  flush: [time: FlushTime];
}
