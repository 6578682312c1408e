/**
 * What the site and the units of `sitebus serve --workers` have to agree on.
 * @module
 */
import type { ServeValues } from "./options.ts";

/** The first argument of the command that makes it a unit; the second one is {@linkcode UnitWords} as JSON. */
export const UNIT = "__unit";

/** What a site tells its units on their command line. */
export interface UnitWords {
  /** What the command line of the site says. */
  readonly given: Partial<ServeValues>;
  /** Whether messages are JSON, before the options are known. */
  readonly json: boolean;
}

/** The name of the pool. */
export const POOL = "web";

/** The name of the socket that the site holds. */
export const SOCKET = "web";

/** The channel of the units on which the site says that it serves on for a while, and is not ready any more. */
export const RETIRE = "sitebus:retire";
