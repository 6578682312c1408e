/**
 * The exit codes of `sitebus ctl`.
 * @module
 */

/** The action is done. */
export const DONE = 0;
/** The action has failed, or a name means several processes. */
export const UNDONE = 1;
/** There is no such process. */
export const NOBODY = 2;
/** The process lives, and does not answer. */
export const SILENT = 3;
