/**
 * The time in which several termination signals count as one: a Ctrl-C often arrives two or three times, from the
 * terminal and from the programs between it and this process.
 * @module
 */

/** Milliseconds after the first termination signal in which others count as the same one. The core folds by the same figure. */
export const FOLD_MS = 500;
