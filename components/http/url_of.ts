/**
 * Where a server listens, as a URL.
 * @module
 */
import type { Place } from "./wiring.ts";

/** A place as a URL. */
export function urlOf({ host, port, path }: Place, secure: boolean): string {
  if (path !== undefined) return `unix:${path}`;
  return `${secure ? "https" : "http"}://${host.includes(":") ? `[${host}]` : host}:${port}/`;
}
