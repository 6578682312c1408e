/**
 * The common part of the hosts whose instance is a process: their options, the checks of these, and the platform that
 * is made of them.
 * @module
 */
import { checkKeys, checkMs } from "../../src/check.ts";
import { ownProcess, type ProcessLike } from "../process/process_like.ts";
import { standardError } from "../process/report_line.ts";
import { serverless, type ServerlessOptions, type ServerlessPlatform } from "../serverless.ts";

/** The options of every serverless host: the times of the gate, which are the application's to choose. */
export type HostOptions = Pick<
  ServerlessOptions,
  "startWithin" | "retryDelay" | "maxRetryDelay" | "thawAfterMs"
>;

/** The names of these options. */
export const HOST_OPTIONS: readonly (keyof HostOptions)[] = [
  "startWithin",
  "retryDelay",
  "maxRetryDelay",
  "thawAfterMs",
];

/** The options of every host whose instance is a process. */
export interface ProcessHostOptions extends HostOptions {
  /** Milliseconds from the host's notice until it kills the process. The default is the host's own. */
  readonly graceMs?: number;
  /** The process to use in place of this one, for tests. */
  readonly process?: ProcessLike;
}

/** The name of a host, and the options that it adds. */
export interface HostNames {
  /** The name of its platform, for messages. */
  readonly name: string;
  /** The default of `graceMs`. */
  readonly graceMs: number;
  /** The options that this host alone has. Default: none. */
  readonly options?: readonly string[];
}

/** A host whose instance is a process, with its options checked. */
export interface ProcessHost {
  /** The action that an error names. */
  readonly action: string;
  readonly process: ProcessLike;
  readonly graceMs: number;
  /** Makes the platform of the host, which reports to the standard error. `more` is what the host adds. */
  platform(more: ServerlessOptions): ServerlessPlatform;
}

/**
 * Checks the options of a host, and fills in the defaults.
 * @throws {Error} If the runtime has no process.
 * @throws {TypeError} If an option is unknown.
 * @throws {RangeError} If a time is no number of milliseconds.
 */
export function processHost(options: ProcessHostOptions, names: HostNames): ProcessHost {
  const { name, options: own = [] } = names;
  const action = `Cannot use the ${name} platform`;
  checkKeys(action, options, [...HOST_OPTIONS, "graceMs", ...own, "process"]);
  const { graceMs = names.graceMs, process = ownProcess(action) } = options;
  checkMs(action, "graceMs", graceMs);
  const given = HOST_OPTIONS.flatMap((key) => options[key] === undefined ? [] : [[key, options[key]]]);
  const times: HostOptions = Object.fromEntries(given);
  return {
    action,
    process,
    graceMs,
    platform: (more) => ({ ...serverless({ name, ...more, ...times }), report: standardError(process) }),
  };
}
