/**
 * The options of a pool, and their checks.
 * @module
 */
import type { UrlLike } from "../../src/internal.ts";
import process from "node:process";
import { checkKeys, checkMs, checkName, show } from "../../src/check.ts";
import type { Right } from "../../src/guest.ts";
import { GOALS } from "../../src/states.ts";
import type { ListenPlace } from "./held_socket.ts";
import { countProcessors } from "./processors.ts";

/** How a pool is made. */
export interface PoolOptions {
  /** The name of the pool and of its component. Its units are called "web/1", "web/2", … after it. */
  readonly name: string;
  /** The program of each unit: a path, or `new URL("./worker.ts", import.meta.url)`. It runs a bus on `unit()`. */
  readonly entry: string | UrlLike;
  /** Processes, which share nothing, or threads of this process. */
  readonly kind: "process" | "thread";
  /** How many; "auto" is the number of processors that this process may use, by its control group's share too. Default "auto". */
  readonly count?: number | "auto";
  /** The sockets that the site holds for its units, by name. Default none. */
  readonly listen?: Readonly<Record<string, ListenPlace>>;
  /** The program's arguments. */
  readonly args?: readonly string[];
  /** Variables that are added to the environment; `undefined` takes a variable out. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** The runtime's own flags of processes. Default: those of this process. On Deno without --allow-all they have to be said. */
  readonly flags?: readonly string[];
  /** Whom processes run as, by number. The supplementary groups of this process are not passed on. */
  readonly user?: number;
  /** The group they run as, by number. Needed with `user`. */
  readonly group?: number;
  /** Milliseconds from the start of a unit until it is ready. Default 30 000. */
  readonly readyWithin?: number;
  /** Milliseconds for which a new unit has to stay up in a roll before the old one is asked to exit. Default 0. */
  readonly steadyMs?: number;
  /** Milliseconds that a unit which is asked to exit has for its drain, in a roll. Default 10 000. */
  readonly drainWithin?: number;
  /** Milliseconds that it then has for its stop, also when the site stops. Default 10 000. */
  readonly stopWithin?: number;
  /** A unit is recycled after so many connections. Default never. */
  readonly maxRequests?: number;
  /** A unit is recycled after so many milliseconds. Default never. */
  readonly maxAgeMs?: number;
  /** A process is recycled when it has more than so many bytes of memory. Default never. */
  readonly maxMemory?: number;
  /** By which part of it each of these limits is made smaller, at random, so that not all units reach it at once: from 0 to 1. Default 0.1. */
  readonly jitter?: number;
  /** More than so many replacements of failed units in the window make the pool degraded. Default 5. */
  readonly maxRestarts?: number;
  /** The window, in milliseconds. Default 60 000. */
  readonly restartWindowMs?: number;
  /** The behaviour of a degraded pool: it goes on at its slowest pace, or ends the bus with 70. Default "continue". */
  readonly onDegraded?: "continue" | "exit";
  /** A unit that does not answer within so many milliseconds is killed and replaced. Default: nobody asks. */
  readonly stuckMs?: number;
  /** The rights of a unit: the requests that it may make of its site. Default `["reload"]`. */
  readonly rights?: readonly Right[];
  /** Takes the output of the processes, standard output and error. Default: they print where this process does. */
  readonly output?: (chunk: Uint8Array) => void;
  /**
   * Whether a roll starts a new unit before the old one of its slot is asked to exit. Default true. False is for units that
   * cannot be there twice, such as those that listen on a port of their own: for a moment nothing serves then.
   */
  readonly overlap?: boolean;
  /** The value of `site(bus).details` in the units before the first reload. */
  readonly details?: unknown;
}

/** The options of a pool with their defaults. */
export interface PoolSettings extends
  Required<
    Omit<
      PoolOptions,
      "maxRequests" | "maxAgeMs" | "maxMemory" | "stuckMs" | "user" | "group" | "flags" | "details" | "output"
    >
  > {
  readonly count: number;
  readonly flags: readonly string[] | undefined;
  readonly ids: { readonly uid: number; readonly gid: number } | undefined;
  readonly maxRequests: number | undefined;
  readonly maxAgeMs: number | undefined;
  readonly maxMemory: number | undefined;
  readonly stuckMs: number | undefined;
  readonly details: unknown;
  readonly output: ((chunk: Uint8Array) => void) | undefined;
}

const KEYS: readonly (keyof PoolOptions)[] = [
  "name",
  "entry",
  "kind",
  "count",
  "listen",
  "args",
  "env",
  "flags",
  "user",
  "group",
  "readyWithin",
  "steadyMs",
  "drainWithin",
  "stopWithin",
  "maxRequests",
  "maxAgeMs",
  "maxMemory",
  "jitter",
  "maxRestarts",
  "restartWindowMs",
  "onDegraded",
  "stuckMs",
  "rights",
  "output",
  "overlap",
  "details",
];

/** More units than this are a mistake in the number. */
const MOST_UNITS = 1000;

/**
 * Checks the options of a pool.
 * @throws {TypeError} Where one is unknown or of a wrong type.
 * @throws {RangeError} Where a number is out of range.
 */
export function checkPool(options: PoolOptions): PoolSettings {
  const name = checkName("Cannot make a pool", (options as Partial<PoolOptions> | undefined)?.name);
  const action = `Cannot make the pool "${name}"`;
  checkKeys(action, options, KEYS);
  const {
    entry,
    kind,
    count = "auto",
    env = {},
    args = [],
    jitter = 0.1,
    maxRestarts = 5,
    onDegraded = "continue",
  } = options;
  const { listen = {}, rights = ["reload"], flags, details, output, overlap = true } = options;
  if (!(entry instanceof URL) && (typeof entry !== "string" || entry === "")) {
    throw new TypeError(`${action}: "entry" is ${show(entry)}, expected the path or the URL of a program`);
  }
  if (kind !== "process" && kind !== "thread") {
    throw new TypeError(`${action}: "kind" is ${show(kind)}, expected "process" or "thread"`);
  }
  checkTexts(action, "args", args);
  if (flags !== undefined) checkTexts(action, "flags", flags);
  for (const right of rights) {
    const known = GOALS.includes(right as never) || right === "reload" ||
      String(right).startsWith("publish:");
    if (!known) throw new TypeError(`${action}: the right ${show(right)} is unknown`);
  }
  if (!(typeof jitter === "number" && jitter >= 0 && jitter <= 1)) {
    throw new RangeError(`${action}: "jitter" is ${show(jitter)}, expected a number from 0 to 1`);
  }
  if (onDegraded !== "continue" && onDegraded !== "exit") {
    throw new TypeError(`${action}: "onDegraded" is ${show(onDegraded)}, expected "continue" or "exit"`);
  }
  if (kind === "thread" && options.maxMemory !== undefined) {
    throw new TypeError(`${action}: "maxMemory" is for processes: threads share the memory of theirs`);
  }
  if (output !== undefined && typeof output !== "function") {
    throw new TypeError(`${action}: "output" is ${show(output)}, expected a function`);
  }
  if (output !== undefined && kind === "thread") {
    throw new TypeError(`${action}: "output" is for processes: threads print where theirs does`);
  }
  if (typeof overlap !== "boolean") {
    throw new TypeError(`${action}: "overlap" is ${show(overlap)}, expected true or false`);
  }
  const ms = (
    field: "readyWithin" | "steadyMs" | "drainWithin" | "stopWithin" | "restartWindowMs",
    byDefault: number,
  ) => checkMs(action, field, options[field] ?? byDefault);
  const optional = (field: "maxRequests" | "maxMemory") =>
    options[field] === undefined ? undefined : checkCount(action, options[field], { field, least: 1 });
  return {
    name,
    entry,
    kind,
    count: count === "auto" ? countProcessors() : checkSize(action, count),
    listen: checkPlaces(action, listen),
    args,
    env,
    flags,
    ids: checkIds(action, options),
    readyWithin: ms("readyWithin", 30_000),
    steadyMs: ms("steadyMs", 0),
    drainWithin: ms("drainWithin", 10_000),
    stopWithin: ms("stopWithin", 10_000),
    restartWindowMs: ms("restartWindowMs", 60_000),
    maxRestarts: checkCount(action, maxRestarts, { field: "maxRestarts", least: 0 }),
    maxRequests: optional("maxRequests"),
    maxMemory: optional("maxMemory"),
    maxAgeMs: options.maxAgeMs === undefined ? undefined : checkMs(action, "maxAgeMs", options.maxAgeMs),
    stuckMs: options.stuckMs === undefined ? undefined : checkMs(action, "stuckMs", options.stuckMs),
    jitter,
    onDegraded,
    rights,
    output,
    overlap,
    details,
  };
}

/** A range of whole numbers. */
interface CountOptions {
  /** The option that the value is of. */
  readonly field: string;
  readonly least: number;
  /** Default: there is no most. */
  readonly most?: number;
}

/** Returns `value` where it is a whole number in the range. */
export function checkCount(action: string, value: unknown, options: CountOptions): number {
  const { field, least, most = Infinity } = options;
  if (typeof value === "number" && Number.isInteger(value) && value >= least && value <= most) return value;
  const upTo = most === Infinity ? "on" : `to ${most}`;
  throw new RangeError(
    `${action}: "${field}" is ${show(value)}, expected a whole number from ${least} ${upTo}`,
  );
}

/** Returns `value` where it is a number of units that a pool may have. */
export function checkSize(action: string, value: unknown): number {
  return checkCount(action, value, { field: "count", least: 1, most: MOST_UNITS });
}

function checkTexts(action: string, field: string, value: unknown): void {
  if (Array.isArray(value) && value.every((one) => typeof one === "string")) return;
  throw new TypeError(`${action}: "${field}" is ${show(value)}, expected a list of strings`);
}

function checkPlaces(action: string, listen: PoolSettings["listen"]): PoolSettings["listen"] {
  for (const [name, place] of Object.entries(listen)) {
    const where = `${action}: "listen.${name}"`;
    if (!/^[^,:\s]+$/.test(name)) {
      throw new TypeError(`${where}: the name of a socket has no comma, colon or space in it`);
    }
    checkKeys(where, place, ["host", "port", "path"]);
    const { host, port, path } = place;
    if (path === undefined) checkCount(where, port, { field: "port", least: 0, most: 65_535 });
    else if (typeof path !== "string" || path === "") {
      throw new TypeError(`${where}: "path" is ${show(path)}, expected the path of a unix socket`);
    } else if (host !== undefined || port !== undefined) {
      throw new TypeError(`${where}: it has a path and a host or port, expected one of them`);
    }
    if (host !== undefined && (typeof host !== "string" || host === "")) {
      throw new TypeError(`${where}: "host" is ${show(host)}, expected a name or an address`);
    }
  }
  return listen;
}

function checkIds(action: string, { user, group, kind }: PoolOptions): PoolSettings["ids"] {
  if (user === undefined && group === undefined) return undefined;
  if (kind === "thread") {
    throw new TypeError(`${action}: "user" and "group" are for processes: threads run as theirs does`);
  }
  const [uid, gid] = [user, group].map((value, index) =>
    checkCount(action, value, { field: index === 0 ? "user" : "group", least: 0 })
  ) as [number, number];
  const own = process.getuid?.();
  if (own !== 0 && own !== uid) {
    throw new Error(
      `${action}: only root may start units as the user ${uid}, and this process runs as ${own}`,
    );
  }
  return { uid, gid };
}
