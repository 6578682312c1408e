/**
 * The exit codes of a bus, and of the commands around it.
 * @see {@link https://man.freebsd.org/cgi/man.cgi?query=sysexits} for those from 64 on
 * @module
 */

/** All is well. */
export const OK: number = 0;
/** The command line was wrong (EX_USAGE). */
export const USAGE: number = 64;
/** A part of the program has failed, or has missed its deadline (EX_SOFTWARE). */
export const FAILED: number = 70;
/** The configuration is wrong (EX_CONFIG). */
export const CONFIG: number = 78;
/** A signal ended the process: 128 and its number. */
export const SIGNALED: number = 128;
