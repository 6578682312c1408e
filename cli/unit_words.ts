/**
 * The names that the site and the units of `sitebus serve --workers` have to agree on.
 * @module
 */
import type { ServeValues } from "./options.ts";

/** The first argument of the command that makes it a unit; the second one is {@linkcode UnitWords} as JSON. */
export const UNIT = "__unit";

/** Where a unit listens by itself: a port, or a unix socket. */
export type OwnPlace = { readonly host: string; readonly port: number } | { readonly path: string };

/** The words that a site puts on the command line of its units. */
export interface UnitWords {
  /** The values of the command line of the site. */
  readonly given: Partial<ServeValues>;
  /** Whether messages are JSON, before the options are known. */
  readonly json: boolean;
  /** Whether the unit tells what it loads. */
  readonly watch: boolean;
  /** Where the unit listens by itself. Default: on the socket of the site. */
  readonly place?: OwnPlace | undefined;
}

/** The name of the pool. */
export const POOL = "web";

/** The name of the socket that the site holds. */
export const SOCKET = "web";

/** The channel of the units on which the site says that it serves on for a while, and is not ready any more. */
export const RETIRE = "sitebus:retire";
