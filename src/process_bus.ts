/**
 * The process bus: one lifecycle for all that a process is made of.
 *
 * ```
 * initial → enter → idle → start → run → drain → stop → idle → exit → exited
 *                           start, start_error → drain             (a start given up, or failed)
 * errors:  start, run → start_error    enter, idle, stop → stop_error → exit    exit → exit_error → exited
 *          drain and the error states keep their failures and change no path
 * ```
 * @module
 */
import { checkCode, checkFunction, checkKeys, checkMs, show } from "./check.ts";
import type { Signal } from "./_web.ts";
import { rejected } from "./_deferred.ts";
import { Bus, type BusReport, coreOf, type LogRecord } from "./bus.ts";
import { isThenable } from "./channel.ts";
import type { Component, ComponentHandle } from "./component.ts";
import { namedError } from "./deadline.ts";
import { Engine } from "./engine.ts";
import { TransitionError } from "./errors.ts";
import { checkNeeds, type Needs, type Platform, type RestartPlan } from "./platform.ts";
import { checkReadiness, type Readiness } from "./readiness.ts";
import type { Reload } from "./reload.ts";
import { type Reason, type State, type StateChannels, STATES, type TimedState } from "./states.ts";

/** The channels that a process bus publishes on by itself. */
export interface ProcessChannels extends StateChannels {
  /** Every record of the log. */
  log: [record: LogRecord];
  /** A signal of the operating system, before anything is done about it. */
  signal: [reason: Reason];
  /** A reload: listeners prepare and may return `{ commit, rollback? }`; throwing vetoes. */
  reload: [reload: Reload];
  /** After `exited`, where a restart was asked; with a listener, the platform does not respawn. A code it returns is the exit code. */
  restart: [plan: RestartPlan];
}

/** How a process bus is made. */
export interface ProcessBusOptions {
  /** Its name in logs and errors. Default "bus". */
  readonly name?: string;
  /** The waiting and signalling; there is no default. */
  readonly platform: Platform;
  /** What the program needs of the platform. */
  readonly needs?: Needs;
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

const OPTIONS = ["name", "platform", "needs", "onStartFailure", "deadlines", "atMost"];
const OWN = [...STATES, "log", "signal", "reload", "restart"];

/**
 * One bus a process: servers, libraries and the application subscribe to its states, or are used as
 * components, and the platform says when. Frameworks are handed the bus; there is no global one.
 *
 * @example
 * ```ts
 * import { inline, ProcessBus } from "@sitebus/sitebus";
 *
 * const bus = new ProcessBus({ platform: inline() });
 * bus.use({ name: "db", start: () => "connection", stop: (connection) => console.log("close", connection) });
 * await bus.start();
 * await bus.exit();
 * console.log(await bus.block()); // 0
 * ```
 */
// deno-lint-ignore ban-types -- no channels but the bus's own
export class ProcessBus<C extends object = {}> extends Bus<C & ProcessChannels, keyof ProcessChannels> {
  readonly #engine: Engine;
  /** The platform it was given. */
  readonly platform: Platform;

  /**
   * Makes the bus; nothing starts, and no signal is taken, before it is asked to.
   * @throws {TypeError} Where there is no platform, or an option is unknown.
   * @throws {Error} Where the platform has a bus already.
   * @throws {RangeError} Where a time is no number of milliseconds.
   * @throws {TraitError} Where the platform cannot do what `needs` says.
   */
  constructor(options: ProcessBusOptions) {
    const action = "Cannot make the process bus";
    checkKeys(action, options, OPTIONS);
    const { platform, name = "bus", needs, onStartFailure = "exit" } = options ?? {};
    checkPlatform(action, platform);
    if (taken.has(platform)) {
      throw new Error(`${action}: the platform "${platform.name}" has a bus already, make another`);
    }
    checkNeeds(action, needs, platform.traits);
    if (onStartFailure !== "exit" && onStartFailure !== "idle") {
      throw new TypeError(
        `${action}: "onStartFailure" is ${show(onStartFailure)}, expected "exit" or "idle"`,
      );
    }
    super({ name, clock: platform.clock });
    const core = coreOf(this);
    core.own = OWN;
    core.report = (record) => platform.report(record);
    core.state = () => this.#engine?.state ?? "initial";
    this.platform = platform;
    this.#engine = new Engine(core, options);
    taken.add(platform);
  }

  /** Where it stands. */
  get state(): State {
    return this.#engine.state;
  }

  /** False while listeners of `state` are running. Ready for traffic is: `state === "run" && settled`. */
  get settled(): boolean {
    return this.#engine.settled;
  }

  /** Aborts when this run ends (drain begins); a new one with each start. For intervals, consumers, streams. */
  get running(): Signal {
    return this.#engine.runs.signal;
  }

  /** Goes to `run`. Rejects with `ChannelFailures` or `TransitionError`, as all of these; a rejection may be dropped. */
  start(): Promise<void> {
    try {
      this.#engine.components.verify();
    } catch (error) {
      return rejected(error);
    }
    return this.#engine.call("start", { by: "call" });
  }

  /** Goes to `idle`, through `drain` and `stop`; before any start there is nothing to do. */
  stop(): Promise<void> {
    return this.#engine.call("stop", { by: "call" });
  }

  /**
   * Goes to `exited`, from wherever it stands. The first code that is not 0 counts.
   * @throws {RangeError} Where `code` is no integer from 0 to 255.
   */
  exit(code = 0): Promise<void> {
    checkCode("Cannot exit", code);
    return this.#engine.call("exit", { by: "call", code });
  }

  /** Goes to `idle` and to `run` again, in the same process. */
  graceful(): Promise<void> {
    return this.#engine.call("graceful", { by: "call" });
  }

  /**
   * Exits, and then publishes `restart`; with no listener there, the platform starts a successor. Rejects at
   * once with `TraitError` where neither can.
   */
  restart(plan: RestartPlan = {}): Promise<void> {
    checkKeys("Cannot restart", plan, ["args", "env", "cwd"]);
    return this.#engine.restart(plan);
  }

  /** Has every `reload` listener prepare, then commit; resolves to the generation. A veto rejects, and rolls all back. */
  reload(details?: unknown): Promise<number> {
    return this.#engine.errands.reload(details);
  }

  /**
   * Resolves to the first of the states that the bus rests in or passes, once it settled there. Rejects with
   * the signal's reason, a `TimeoutError`, or a `TransitionError` when none of them can come any more.
   */
  wait(
    states: State | readonly State[],
    options: { readonly signal?: Signal; readonly timeout?: number } = {},
  ): Promise<State> {
    checkKeys("Cannot wait", options, ["signal", "timeout"]);
    const { signal, timeout } = options;
    if (timeout !== undefined) checkMs("Cannot wait", "timeout", timeout);
    const wanted = [states].flat() as State[];
    const { calls, state, settled, ending } = this.#engine;
    const { leave, deferred } = calls.wait(wanted);
    const { promise, reject } = deferred;
    const unknown = wanted.filter((name) => !STATES.includes(name));
    if (unknown.length > 0) {
      reject(new TransitionError("unknown", state, String(unknown), "there is no such state"));
    } else if (signal?.aborted) reject(signal.reason);
    else if (settled && wanted.includes(state)) deferred.resolve(state);
    if (deferred.settled) {
      leave();
      return promise;
    }
    const abort = () => reject(signal!.reason);
    const late = () =>
      reject(
        namedError(
          "TimeoutError",
          `Cannot wait for ${show(wanted.join(", "))} any longer: ${timeout} ms are over`,
        ),
      );
    const disarm = timeout === undefined ? undefined : coreOf(this).clock.setTimer(timeout, late);
    signal?.addEventListener("abort", abort);
    const done = () => {
      leave();
      disarm?.();
      signal?.removeEventListener("abort", abort);
    };
    promise.then(done, done);
    calls.prune(state, settled, ending);
    return promise;
  }

  /**
   * Tells whether it is ready for traffic: it runs, has settled, and the `check` of every component that is up
   * passes within so many milliseconds, by default 1 000. The checks run side by side, in a settled `run` alone.
   * Never rejects.
   * @throws {RangeError} Where `within` is no number of milliseconds.
   */
  check(options: { readonly within?: number } = {}): Promise<Readiness> {
    checkKeys("Cannot check", options, ["within"]);
    const { within = 1_000 } = options;
    return checkReadiness(this.#engine, checkMs("Cannot check", "within", within));
  }

  /**
   * Waits until the platform has left and resolves to the exit code; never rejects. Keeps the process alive.
   * @throws {TraitError} At once, where the host owns the loop.
   */
  block(): Promise<number> {
    const { promise } = this.#engine.gone;
    const fail = (error: unknown) => {
      this.log(`The platform "${this.platform.name}" cannot wait`, { level: "error", error });
    };
    return this.platform.park(promise).catch(fail).then(() => promise);
  }

  /**
   * Starts, then blocks. Never rejects: a failed start is logged and is the exit code 70.
   * @throws {TraitError} At once, where the host owns the loop.
   */
  run(): Promise<number> {
    const blocked = this.block();
    this.start().catch((error) => {
      // A start that could not even begin leaves the bus where it was.
      if (this.state !== "initial") return;
      this.log(error.message, { level: "error", error });
      void this.exit(70);
    });
    return blocked;
  }

  /** Keeps `drain` open until the promise settles, and returns it; a rejection is logged. */
  hold<T>(promise: Promise<T>): Promise<T> {
    if (!isThenable(promise)) throw new TypeError(`Cannot hold ${show(promise)}: expected a promise`);
    this.#engine.held.add(promise);
    return promise;
  }

  /**
   * Uses a component: it starts with the bus, or now where the bus runs.
   * @throws {TypeError} Where it is no component.
   * @throws {Error} Where its name is taken, or, while the bus runs, a dependency is missing.
   * @throws {TraitError} Where the platform cannot do what it needs.
   */
  use<T>(component: Component<T>): ComponentHandle<T>;
  /** Uses a resource, which is disposed of once, at the first stop. */
  use(resource: Disposable | AsyncDisposable, options?: { readonly name?: string }): ComponentHandle<void>;
  use(
    given: Component<unknown> | Disposable | AsyncDisposable,
    options?: { readonly name?: string },
  ): ComponentHandle<unknown> {
    const { components, state } = this.#engine;
    if (state === "exited") {
      throw new TransitionError("exited", state, "start", "the bus has exited and uses no more components");
    }
    const node = components.use(given, options);
    if (state === "start" || state === "run") {
      try {
        components.verify();
      } catch (error) {
        components.forget(node);
        throw error;
      }
    }
    if (node.component.join !== "next") this.#engine.errands.join(node);
    return components.handle(node);
  }

  /** Returns a snapshot of states, channels, components, and of what runs: plain data. */
  override inspect(): BusReport {
    return { ...super.inspect(), ...this.#engine.inspect() };
  }
}

/** The platforms that have their bus: one would end the other's process. */
const taken = new WeakSet<Platform>();

const METHODS = ["attach", "park", "report", "leave"] as const;

function checkPlatform(action: string, platform: Platform | undefined): void {
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
