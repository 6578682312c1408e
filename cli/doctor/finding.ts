/**
 * The result of a check of `sitebus doctor`.
 * @module
 */
import type { ServeOptions } from "../serve_options.ts";

/** How bad it is. Only a `problem` is the exit code 1; `unknown`: the check could not be made here. */
export type Verdict = "ok" | "unknown" | "warning" | "problem";

/** The result of one check. */
export interface Finding {
  /** The name of the check. */
  readonly check: string;
  readonly verdict: Verdict;
  /** Why, in a sentence without its end. */
  readonly reason: string;
  /** The mend, in one line. */
  readonly mend?: string;
}

/** The facts that checks look at. */
export interface Facts {
  /** The options that the application would be served with; no module where none was found. */
  readonly options: Omit<ServeOptions, "module"> & { readonly module?: string };
  /** The environment. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** The working directory. */
  readonly folder: string;
  readonly runtime: "node" | "deno" | "bun";
  /** Its version, such as "26.10.0". */
  readonly version: string;
  readonly pid: number;
  /** Whether this is a container. */
  readonly container: boolean;
  /** Milliseconds that the host gives a process to stop, where the command line says so. */
  readonly grace?: number;
}

/** Makes a finding that all is well. */
export function ok(check: string, reason: string): Finding {
  return { check, verdict: "ok", reason };
}

/** A time as it would be typed: 1500 → "1500ms", 30000 → "30s". */
export function typedTime(ms: number): string {
  return ms % 1000 === 0 ? `${ms / 1000}s` : `${ms}ms`;
}
