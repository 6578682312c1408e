/**
 * What may be set of every serverless host.
 * @module
 */
import type { ServerlessOptions } from "../serverless.ts";

/** The times of the gate, which are the application's to choose. */
export type HostOptions = Pick<
  ServerlessOptions,
  "startWithin" | "retryDelay" | "maxRetryDelay" | "thawAfterMs"
>;

/** Their names. */
export const HOST_OPTIONS: readonly (keyof HostOptions)[] = [
  "startWithin",
  "retryDelay",
  "maxRetryDelay",
  "thawAfterMs",
];
