/**
 * A platform is the whole waiting and signalling of a bus. The core decides what comes next; the
 * platform says when, keeps the process alive, and ends it.
 * @module
 */
import type { Signal } from "./_web.ts";
import { checkFunction, checkMs, show } from "./check.ts";
import { type Failure, TraitError } from "./errors.ts";
import type { Reason, Reload } from "./phase.ts";
import type { Log, LogRecord } from "./records.ts";
import type { Goal, State, TimedState } from "./states.ts";

/** The process model of a host, in words that a program can check. No trait promises finalization. */
export interface Traits {
  /** The life of a process: it runs for long, it is reused call by call, or it serves one call. */
  readonly lifetime: "long" | "serial" | "once";
  /** How many requests one instance serves at a time. */
  readonly concurrency: "one" | "many";
  /** How many instances of the program may run at once. */
  readonly instances: "one" | "many";
  /** The fate of work between requests. */
  readonly background: "runs" | "frozen" | "waitUntil";
  /** Whether sockets and timers may be used outside of a request. */
  readonly ioOutsideRequests: boolean;
  /** How the host says that it will end the process, and the milliseconds it then leaves. */
  readonly notice: { readonly kind: string; readonly graceMs: number } | "none";
}

/** A process that lives long, may do anything at any time, and gets no notice of its end. */
export const LONG_LIVED: Traits = {
  lifetime: "long",
  concurrency: "many",
  instances: "many",
  background: "runs",
  ioOutsideRequests: true,
  notice: "none",
};

/** The needs of a program or a component: of each trait one of the given values, and at least `noticeMs` of notice. */
export type Needs =
  & { readonly [F in Exclude<keyof Traits, "notice">]?: Traits[F] | readonly Traits[F][] }
  & { readonly noticeMs?: number };

/** Time as the bus sees it; all in milliseconds. */
export interface Clock {
  /** Wall time since 1970, for records. */
  time(): number;
  /** Monotonic time, for deadlines. */
  now(): number;
  /** Calls `fire` once after `ms`, keeping the process alive until then; returns its undo. */
  setTimer(ms: number, fire: () => void): () => void;
}

/** How long things may take, and what a failed start leads to. */
export interface LimitOptions {
  /** Where a failed start leads: to `exited`, or back to `idle`, from where it may be tried again. Default "exit". */
  readonly onStartFailure?: "exit" | "idle";
  /**
   * Milliseconds for each phase. Default: enter, start and reload 30 000, drain and stop 10 000, exit 5 000,
   * and `settle`, for every other state, 5 000.
   */
  readonly deadlines?: Partial<Record<TimedState | "reload" | "settle", number>>;
  /** The most that `phase.extend` may move a deadline to, in milliseconds. Default: twice the deadline. */
  readonly atMost?: Partial<Record<TimedState, number>>;
}

/** How the successor of a restart is started; what is left out stays as it is. */
export interface RestartPlan {
  /** The arguments after the runtime's own path. */
  readonly args?: readonly string[];
  /** The whole environment. */
  readonly env?: Readonly<Record<string, string>>;
  /** The working directory. */
  readonly cwd?: string;
}

/** How a bus ended, for the platform's `leave`. */
export interface Outcome {
  /** The exit code, 0 to 255. */
  readonly code: number;
  /** Whether a second signal ended it. */
  readonly forced: boolean;
  /** Milliseconds until force may be used. */
  readonly leftMs: number;
  /** The calls that have not settled, such as `"db" on "stop"`: to be named where force is used. */
  readonly late?: readonly string[];
}

/** The object by which a platform drives its bus. All methods are synchronous and never throw. */
export interface Control {
  /** The bus's name. */
  readonly bus: string;
  /** The state that the bus is in. */
  readonly state: State;
  /** False while listeners of `state` are running. */
  readonly settled: boolean;
  /** The end of the running phase, by the platform's `clock.now()`. */
  readonly deadline?: number | undefined;
  /** Publishes `signal` where `reason.by` is "signal", folds repeats, then asks. "none" only publishes. */
  request(goal: Goal | "reload" | "inspect" | "none", reason: Reason): void;
  /**
   * A reload on behalf of a host that has others to reload too. `generation`: the number that this bus has once it
   * has committed; `signal`: gives the reload up, until it commits. Resolves to the commits that failed; rejects
   * where a listener vetoed.
   */
  reload(
    details: unknown,
    options?: { readonly generation?: number; readonly signal?: Signal },
  ): Promise<readonly Failure[]>;
  /** The context that drove the running phase is gone: fail its listeners and go on from this call. */
  abandon(reason: string): void;
  /** Logs as the bus does. */
  log: Log;
}

/** The waiting and signalling of one bus. Given to it, never guessed. */
export interface Platform {
  /** Its name, for messages. */
  readonly name: string;
  /** The abilities of the host. */
  readonly traits: Traits;
  /** The bus's only source of time. */
  readonly clock: Clock;
  /** Where the host's limits differ from ours. The application's own options win, but never past a notice. */
  readonly defaults?: LimitOptions;
  /** AsyncLocalStorage or alike: who asks, to refuse waiting for one's own phase. */
  readonly context?: { run<T>(phase: object, body: () => T): T; get(): object | undefined };
  /** Takes over signalling. Once, on `enter`, before its listeners. `leave` follows even where this fails. */
  attach(control: Control): void | Promise<void>;
  /** Waits for `block()`: settles after `until`, keeping the process alive meanwhile, and only then. Throws where the host owns the loop. */
  park(until: Promise<unknown>): Promise<void>;
  /** Awaited once every listener of a reload has prepared, before any commits; a rejection is a veto. */
  confirm?(reload: Reload): void | Promise<void>;
  /** A state was entered (`settled` false), and its listeners are done (true). */
  pulse?(state: State, settled: boolean): void;
  /** Last resort: a warning or an error that no log listener took. */
  report(record: LogRecord): void;
  /** Starts the successor while signals still arrive (to pass on); resolves to its exit code where this process waits for it. */
  respawn?(plan: RestartPlan): Promise<number | undefined>;
  /** Once, after `exited` and `restart`: lets go of every handle, sets the exit code, forces when `leftMs` is over. */
  leave(outcome: Outcome): void | Promise<void>;
}

/** Refuses needs that the platform's traits do not meet. @throws {TraitError} Naming the field. */
export function checkNeeds(action: string, needs: Needs | undefined, traits: Traits): void {
  const { noticeMs, ...others } = needs ?? {};
  for (const [field, needed] of Object.entries(others)) {
    const found = traits[field as Exclude<keyof Traits, "notice">];
    if (found === undefined) throw new TypeError(`${action}: unknown need "${field}"`);
    const allowed: readonly unknown[] = Array.isArray(needed) ? needed : [needed];
    if (!allowed.includes(found)) refuse(action, field, needed, found);
  }
  if (noticeMs === undefined) return;
  const { notice } = traits;
  if (notice === "none" || notice.graceMs < checkMs(action, "noticeMs", noticeMs)) {
    refuse(action, "noticeMs", noticeMs, notice === "none" ? notice : notice.graceMs);
  }
}

function refuse(action: string, field: string, needed: unknown, found: unknown): never {
  const wanted = Array.isArray(needed) ? needed.map(show).join(" or ") : show(needed);
  throw new TraitError(
    field,
    needed,
    found,
    `${action}: it needs "${field}" to be ${wanted}, the platform has ${show(found)}`,
  );
}

const METHODS = ["attach", "park", "report", "leave"] as const;

/** Refuses what is no platform. @throws {TypeError} Naming what it lacks. */
export function checkPlatform(action: string, platform: Platform | undefined): void {
  if (typeof platform !== "object" || platform === null) {
    throw new TypeError(
      `${action}: the platform is ${show(platform)}, expected one such as posix() of "sitebus/posix"`,
    );
  }
  const where = `${action} on the platform ${show(platform.name)}`;
  for (const method of METHODS) checkFunction(where, method, platform[method]);
  for (const method of ["time", "now", "setTimer"] as const) {
    checkFunction(where, `clock.${method}`, platform.clock?.[method]);
  }
  if (!platform.traits) {
    throw new TypeError(`${where}: "traits" is ${show(platform.traits)}, expected its traits`);
  }
}
