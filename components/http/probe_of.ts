/**
 * Whether a request is a probe.
 * @module
 */
import type { Desk, ProbeAnswer } from "./wiring.ts";

/** Answers a request of a path, with its query, that asks for the application's health; undefined where it asks for anything else. */
export function probeOf(
  probe: NonNullable<Desk["probe"]>,
  method: string | undefined,
  path: string,
): Promise<ProbeAnswer> | undefined {
  if (method !== "GET" && method !== "HEAD") return undefined;
  const query = path.indexOf("?");
  return probe(query === -1 ? path : path.slice(0, query));
}
