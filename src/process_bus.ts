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
import { droppable, rejected } from "./_deferred.ts";
import type { Signal } from "./_web.ts";
import { type Args, Bus, type BusReport, coreOf, type LogRecord, type Subscription } from "./bus.ts";
import { type Listener, nameOf, type SubscribeOptions } from "./channel.ts";
import { checkCode, checkKeys, checkMs, checkSignal, show } from "./check.ts";
import type { Component, ComponentHandle, Resource } from "./component.ts";
import { Engine } from "./engine.ts";
import { textOf } from "./errors.ts";
import { FAILED } from "./exit_codes.ts";
import type { Reason, Reload, StateChannels } from "./phase.ts";
import {
  checkNeeds,
  checkPlatform,
  type LimitOptions,
  type Needs,
  type Platform,
  type RestartPlan,
} from "./platform.ts";
import { checkReadiness, type Readiness } from "./readiness.ts";
import { type State, STATES } from "./states.ts";
import { holdFor, useFor } from "./uses.ts";
import { waitFor, type WaitOptions } from "./waiters.ts";

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
export interface ProcessBusOptions extends LimitOptions {
  /** Its name in logs and errors. Default "bus". */
  readonly name?: string;
  /** The waiting and signalling; there is no default. */
  readonly platform: Platform;
  /** The needs of the program that the platform has to meet. */
  readonly needs?: Needs;
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
   * @throws {TypeError} If there is no platform, or an option is unknown.
   * @throws {Error} If the platform has a bus already.
   * @throws {RangeError} If a time is no number of milliseconds.
   * @throws {TraitError} If the platform cannot do what `needs` says.
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
    this.#engine = new Engine(core, platform, options);
    engines.set(this, this.#engine);
    taken.add(platform);
  }

  /** The state that the bus is in. */
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
      this.#engine.members.verify();
    } catch (error) {
      return rejected(error);
    }
    return this.#engine.course.call("start");
  }

  /** Goes to `idle`, through `drain` and `stop`; before any start there is nothing to do. */
  stop(): Promise<void> {
    return this.#engine.course.call("stop");
  }

  /**
   * Goes to `exited`, from wherever it stands. The first code that is not 0 counts.
   * @throws {RangeError} If `code` is no integer from 0 to 255.
   */
  exit(code = 0): Promise<void> {
    checkCode("Cannot exit", code);
    return this.#engine.course.call("exit", { by: "call", code });
  }

  /** Goes to `idle` and to `run` again, in the same process. */
  graceful(): Promise<void> {
    return this.#engine.course.call("graceful");
  }

  /**
   * Exits, and then publishes `restart`; with no listener there, the platform starts a successor. Rejects at
   * once with `TraitError` where neither can.
   */
  restart(plan: RestartPlan = {}): Promise<void> {
    checkKeys("Cannot restart", plan, ["args", "env", "cwd"]);
    return this.#engine.course.restart(plan);
  }

  /**
   * Has every `reload` listener prepare, then commit; resolves to the generation. A veto rejects, and rolls all back.
   * `signal` gives it up until it commits, and rejects with the signal's reason.
   */
  reload(details?: unknown, options: { readonly signal?: Signal } = {}): Promise<number> {
    checkKeys("Cannot reload", options, ["signal"]);
    const signal = checkSignal("Cannot reload", options.signal);
    const reloaded = this.#engine.reloads.request(details, signal && { signal });
    return droppable(reloaded.then(({ generation }) => generation));
  }

  /**
   * Subscribes, as a `Bus` does. A listener of `start` that comes while the bus runs has missed its start, and the
   * log says so: a component is started also then.
   */
  override subscribe<K extends keyof (C & ProcessChannels) & string>(
    channel: K,
    listener: Listener<Args<C & ProcessChannels, K>>,
    options: SubscribeOptions = {},
  ): Subscription {
    const subscription = super.subscribe(channel, listener, options);
    if (channel === "start" && this.state === "run") {
      const name = options.name ?? nameOf(listener as Listener<never[]>);
      const message =
        `"${name}" has subscribed to "start" while the bus runs, and has missed it: use a component`;
      this.log(message, { event: "missed", listener: name });
    }
    return subscription;
  }

  /**
   * Resolves to the first of the states that the bus rests in or passes, once it settled there. Rejects with
   * the signal's reason, a `TimeoutError`, or a `TransitionError` when none of them can come any more.
   */
  wait(
    states: State | readonly State[],
    options: WaitOptions = {},
  ): Promise<State> {
    return waitFor(this.#engine, states, options);
  }

  /**
   * Tells whether it is ready for traffic: it runs, has settled, and the `check` of every component that is up
   * passes within so many milliseconds, by default 1 000. The checks run side by side, in a settled `run` alone.
   * Never rejects.
   * @throws {RangeError} If `within` is no number of milliseconds.
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
      this.log(textOf(error), { level: "error", error });
      void this.exit(FAILED);
    });
    return blocked;
  }

  /** Keeps `drain` open until the promise settles, and returns it; a rejection is logged. Default name: "promise". */
  hold<T>(promise: Promise<T>, options: { readonly name?: string } = {}): Promise<T> {
    return holdFor(this.#engine, promise, options);
  }

  /**
   * Uses a component: it starts with the bus, or now where the bus runs. Or a resource, which is disposed of once, at
   * the first stop.
   * @throws {TypeError} If it is no component.
   * @throws {Error} If its name is taken, or, while the bus runs, a dependency is missing.
   * @throws {TraitError} If the platform cannot do what it needs.
   */
  use<T = void>(given: Component<T> | Resource, options?: { readonly name?: string }): ComponentHandle<T> {
    return useFor(this.#engine, given as Component<unknown>, options) as ComponentHandle<T>;
  }

  /** Returns a snapshot of states, channels, components, and of what runs: plain data. */
  override inspect(): BusReport {
    return this.#engine.report();
  }
}

/** The engine of a bus, for the rest of `src/`. */
export function engineOf(bus: ProcessBus): Engine {
  return engines.get(bus)!;
}

const engines = new WeakMap<object, Engine>();

/** The platforms that have their bus: one would end the other's process. */
const taken = new WeakSet<Platform>();
