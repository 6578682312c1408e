/**
 * The platform for tests: time moves when the test says so, exits are recorded and do not happen, signals are delivered
 * by a call, and one call tells what a program left behind. It needs no runtime API. Functions of serverless hosts are
 * tested on it, too.
 *
 * @example
 * ```ts
 * import { ProcessBus } from "@sitebus/sitebus";
 * import { testing } from "@sitebus/sitebus/testing";
 *
 * const platform = testing();
 * const bus = new ProcessBus({ platform });
 * bus.subscribe("stop", (phase) => phase.delay(500));
 * const code = bus.run();
 * await platform.flush();
 * platform.deliver("SIGTERM");
 * console.assert(await platform.settle(code) === 0);
 * console.assert(platform.left(bus).clean);
 * ```
 * @module
 */
import type { BusReport, LogRecord } from "../src/bus.ts";
import type { Status } from "../src/component.ts";
import {
  type Control,
  LONG_LIVED,
  type Outcome,
  type Platform,
  type RestartPlan,
  type Traits,
} from "../src/platform.ts";
import type { Goal, State } from "../src/states.ts";
import { observe, type ObservedPlatform, type PlatformObserver } from "./testing/observer.ts";
import { type VirtualClock, virtualClock } from "./testing/virtual_clock.ts";

export type { VirtualClock } from "./testing/virtual_clock.ts";

/** How a testing platform differs from a long process where everything works. */
export interface TestingOptions {
  /** The wall time at which the clock begins, in milliseconds since 1970. Default: 1 January 2026, 00:00 UTC. */
  readonly clock?: number;
  /** The abilities of the simulated host. Default: one long process that may do anything and gets no notice. */
  readonly traits?: Partial<Traits>;
  /** The limits of the simulated host. */
  readonly defaults?: Platform["defaults"];
  /** Runs in `attach`: let it fail or hang to test that. */
  readonly attach?: (control: Control) => void | Promise<void>;
  /** Runs in `leave`, after the exit was recorded: let it fail or hang to test that. */
  readonly leave?: (outcome: Outcome) => void | Promise<void>;
  /** Replaces the platform's `park`: let it throw, as on a host that owns the event loop. */
  readonly park?: Platform["park"];
  /** Is called at each pulse: a test may ask something of the bus between two states. */
  readonly pulse?: (state: State, settled: boolean) => void;
  /** Makes the successor of a restart; `true` is a successor that is not waited for. Without it, the platform cannot respawn. */
  readonly respawn?: true | ((plan: RestartPlan) => Promise<number | undefined>);
  /** An AsyncLocalStorage, by which the bus knows which phase a call comes from. Default: none, as on a runtime without one. */
  readonly context?: NonNullable<Platform["context"]>;
}

/** A state that was entered (`settled` is false), or whose listeners were done (true). */
export interface Pulse {
  /** When that was, by the clock's `now()`. */
  readonly at: number;
  /** The state. */
  readonly state: State;
  /** Whether its listeners are done. */
  readonly settled: boolean;
}

/** The end of a program under test. */
export interface Left {
  /** Whether no component, timer, late listener or `block()` is left. Subscribed listeners alone are no leak. */
  readonly clean: boolean;
  /** Components that are neither down nor removed. */
  readonly components: readonly { readonly name: string; readonly status: Status }[];
  /** How many timers of the bus's clock are set. */
  readonly timers: number;
  /** How many listeners are subscribed to each channel that has any: compare it with an earlier report. */
  readonly listeners: Readonly<Record<string, number>>;
  /** Listeners that were called and have not settled, with the milliseconds since the call. */
  readonly running: readonly { readonly channel: string; readonly name: string; readonly ms: number }[];
  /** How many `park` calls have not returned: a `block()` or `run()` that still waits. */
  readonly parked: number;
  /** The whole report in words, for the message of an assertion. */
  readonly text: string;
}

/** A platform that a test controls. */
export interface TestingPlatform extends Platform {
  /** The clock of the bus, moved by `advance`. */
  readonly clock: VirtualClock;
  /** The control that the platform got from its bus; undefined before the bus has entered `enter`. */
  readonly control: Control | undefined;
  /** Each call of `leave`: more than one is a bug of the bus. */
  readonly exits: readonly Outcome[];
  /** The warnings and errors that no log listener took. */
  readonly reports: readonly LogRecord[];
  /** Each state entered and settled. */
  readonly pulses: readonly Pulse[];
  /** The plan of each respawn. */
  readonly respawns: readonly RestartPlan[];
  /** Runs microtasks until the bus is at rest; no time passes. */
  flush(): Promise<void>;
  /**
   * Moves time from timer to timer until `promise` settles, and passes on its value or its error; a value that is no
   * promise is passed on at once. It does not wait for real input or output: use a runtime's own platform for that.
   * @param limitMs How far time may move, in milliseconds. Default ten minutes.
   * @throws {Error} If no timer is left that could settle the promise, or the limit is passed.
   */
  settle<T>(promise: T | PromiseLike<T>, limitMs?: number): Promise<T>;
  /**
   * Delivers a signal as POSIX platforms take it: SIGTERM and SIGINT exit, SIGHUP reloads, SIGQUIT
   * logs `inspect()`; any other is only published on `signal`.
   * @throws {Error} If the bus has not entered `enter`.
   */
  deliver(name: string, options?: { readonly number?: number }): void;
  /**
   * Gives notice, as a host does, that the process ends in `leftMs` milliseconds.
   * @throws {Error} If the bus has not entered `enter`.
   */
  notice(leftMs: number): void;
  /**
   * Removes the context that drives the running phase, as a host does that drops a request.
   * @throws {Error} If the bus has not entered `enter`.
   */
  abandon(reason: string): void;
  /** Tells what is left: components, timers, late listeners, and a `block()` that still waits. */
  left(bus: { inspect(): BusReport }): Left;
}

const signals: Readonly<
  Record<string, { readonly number: number; readonly goal: Goal | "reload" | "inspect" | "none" }>
> = {
  SIGHUP: { number: 1, goal: "reload" },
  SIGINT: { number: 2, goal: "exit" },
  SIGQUIT: { number: 3, goal: "inspect" },
  SIGUSR2: { number: 12, goal: "none" },
  SIGTERM: { number: 15, goal: "exit" },
};

/**
 * Makes a platform for one bus of a test.
 *
 * @example
 * ```ts
 * import { ProcessBus } from "@sitebus/sitebus";
 * import { testing } from "@sitebus/sitebus/testing";
 *
 * const platform = testing({ respawn: true });
 * const bus = new ProcessBus({ platform });
 * await platform.settle(bus.start());
 * await platform.settle(bus.restart({ args: ["again"] }));
 * console.assert(platform.respawns[0]?.args?.[0] === "again");
 * console.assert(platform.exits.length === 1);
 * ```
 */
export function testing(options: TestingOptions = {}): TestingPlatform {
  const clock = virtualClock(options.clock ?? 1_767_225_600_000);
  const exits: Outcome[] = [];
  const reports: LogRecord[] = [];
  const pulses: Pulse[] = [];
  const respawns: RestartPlan[] = [];
  const observers: PlatformObserver[] = [];
  let control: Control | undefined;
  let parked = 0;

  const attached = (what: string): Control => {
    if (control === undefined) throw new Error(`Cannot ${what}: no bus is attached`);
    return control;
  };
  const settle = async <T>(value: T | PromiseLike<T>, limitMs = 600_000): Promise<T> => {
    const promise = Promise.resolve(value);
    let settled = false;
    const done = (): void => {
      settled = true;
    };
    promise.then(done, done);
    const end = clock.now() + limitMs;
    await clock.flush();
    while (!settled) {
      const next = clock.next;
      if (next === undefined) throw new Error("Cannot settle the promise: no timer is left that could");
      if (next > end) throw new Error(`Cannot settle the promise: it is still pending after ${limitMs} ms`);
      await clock.advanceTo(next);
    }
    return promise;
  };

  const platform: TestingPlatform & ObservedPlatform = {
    name: "testing",
    traits: { ...LONG_LIVED, ...options.traits },
    clock,
    ...(options.defaults && { defaults: options.defaults }),
    ...(options.context && { context: options.context }),
    attach: (given) => {
      if (control !== undefined) {
        throw new Error(`Cannot attach the bus "${given.bus}": "${control.bus}" is attached already`);
      }
      control = given;
      for (const observer of observers) observer.attach(given);
      return options.attach?.(given);
    },
    park: (until) => {
      const waiting = options.park?.(until) ?? until.then(() => undefined, () => undefined);
      parked++;
      return waiting.finally(() => {
        parked--;
      });
    },
    pulse: (state, settled) => {
      pulses.push({ at: clock.now(), state, settled });
      for (const observer of observers) observer.pulse(state, settled);
      options.pulse?.(state, settled);
    },
    report: (record) => {
      clock.touch();
      reports.push(record);
    },
    ...(options.respawn && {
      respawn: (plan: RestartPlan): Promise<number | undefined> => {
        clock.touch();
        respawns.push(plan);
        return typeof options.respawn === "function" ? options.respawn(plan) : Promise.resolve(undefined);
      },
    }),
    leave: (outcome) => {
      clock.touch();
      exits.push(outcome);
      for (const observer of observers) observer.leave(outcome);
      return options.leave?.(outcome);
    },

    get control() {
      return control;
    },
    exits,
    reports,
    pulses,
    respawns,
    flush: clock.flush,
    settle,
    deliver: (name, { number } = {}) => {
      const known = signals[name];
      const numbered = number ?? known?.number;
      attached(`deliver "${name}"`).request(known?.goal ?? "none", {
        by: "signal",
        name,
        ...(numbered !== undefined && { number: numbered }),
      });
    },
    notice: (leftMs) => attached("give notice").request("exit", { by: "host", name: "notice", leftMs }),
    abandon: (reason) => attached("abandon the phase").abandon(reason),
    [observe]: (observer) => {
      observers.push(observer);
      if (control) observer.attach(control);
      for (const { state, settled } of pulses) observer.pulse(state, settled);
      if (exits[0]) observer.leave(exits[0]);
    },
    left: (bus) => leftOf(bus.inspect(), clock.pending, parked),
  };
  return platform;
}

function leftOf(report: BusReport, timers: number, parked: number): Left {
  const components = (report.components ?? [])
    .filter(({ status }) => status !== "down" && status !== "removed")
    .map(({ name, status }) => ({ name, status }));
  const channels = Object.entries(report.channels);
  const listeners: Record<string, number> = {};
  for (const [channel, { length }] of channels) if (length > 0) listeners[channel] = length;
  const running = channels.flatMap(([channel, entries]) =>
    entries.flatMap(({ name, running: ms }) => ms === undefined ? [] : [{ channel, name, ms }])
  );
  const clean = components.length === 0 && timers === 0 && running.length === 0 && parked === 0;
  const text = [
    ...components.map(({ name, status }) => `the component "${name}" is ${status}`),
    ...running.map(({ channel, name, ms }) => `the listener "${name}" of "${channel}" has run for ${ms} ms`),
    ...(timers > 0 ? [`${timers} timer${timers > 1 ? "s" : ""} set`] : []),
    ...(parked > 0 ? ["block() still waits"] : []),
    ...Object.entries(listeners).map(([channel, count]) =>
      `"${channel}" has ${count} listener${count > 1 ? "s" : ""}`
    ),
  ].join("; ");
  return { clean, components, timers, listeners, running, parked, text: text || "nothing is left" };
}
