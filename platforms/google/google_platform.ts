/**
 * The Google platform, and the deadline of its invocations.
 * @module
 */
import type { Platform } from "../../src/platform.ts";
import type { ServerlessPlatform } from "../serverless.ts";

/** The platform of Google's functions framework. */
export interface GooglePlatform extends ServerlessPlatform {
  /** Milliseconds that a request has; undefined if that is not known. */
  readonly timeoutMs: number | undefined;
}

/** When the host cuts an invocation that begins now, in milliseconds since 1970; `Infinity` if that is not known. */
export function deadlineOn(platform: Platform): number {
  const { timeoutMs = Infinity } = platform as Partial<GooglePlatform>;
  return timeoutMs === Infinity ? Infinity : platform.clock.time() + timeoutMs;
}
