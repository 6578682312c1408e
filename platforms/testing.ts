/**
 * The platform for tests: time moves when the test says so, exits are recorded instead of done, signals are
 * delivered by a call, and one call tells what a program left behind. It needs no runtime API.
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

/** How a testing platform departs from one where everything works. */
export interface TestingOptions {
  /** The wall time at which the clock begins, in milliseconds since 1970. Default: the first second of 2026, UTC. */
  readonly clock?: number;
  /** What the pretended host can do. Default: one long process that may do anything and gets no notice. */
  readonly traits?: Partial<Traits>;
  /** The limits of the pretended host. */
  readonly defaults?: Platform["defaults"];
  /** Runs in `attach`, to fail or to hang there. */
  readonly attach?: (control: Control) => void | Promise<void>;
  /** Runs in `leave`, after the exit was recorded, to fail or to hang there. */
  readonly leave?: (outcome: Outcome) => void | Promise<void>;
  /** Waits in place of the platform, to refuse as a host that owns the loop does. */
  readonly park?: Platform["park"];
  /** Sees each pulse as it comes, to ask something of the bus between two states. */
  readonly pulse?: (state: State, settled: boolean) => void;
  /** Makes the successor of a restart; `true` is one that is not waited for. Without, the platform cannot respawn. */
  readonly respawn?: true | ((plan: RestartPlan) => Promise<number | undefined>);
  /** Who asks: an AsyncLocalStorage, where the test has one. Default: none, as on a runtime without. */
  readonly context?: NonNullable<Platform["context"]>;
}

/** A state that was entered (`settled` false) or whose listeners were done (true), at which `now()`. */
export interface Pulse {
  /** The clock's `now()`. */
  readonly at: number;
  /** The state. */
  readonly state: State;
  /** Whether its listeners are done. */
  readonly settled: boolean;
}

/** What a program left behind. */
export interface Left {
  /** Whether no component, timer, late listener or `block()` is left. Subscribed listeners are no leak by themselves. */
  readonly clean: boolean;
  /** Components that are neither down nor removed. */
  readonly components: readonly { readonly name: string; readonly status: Status }[];
  /** How many timers of the bus's clock are set. */
  readonly timers: number;
  /** How many listeners are subscribed to each channel that has any: compare it with an earlier report. */
  readonly listeners: Readonly<Record<string, number>>;
  /** Listeners that were called and have not settled, with the milliseconds since. */
  readonly running: readonly { readonly channel: string; readonly name: string; readonly ms: number }[];
  /** How many `park` calls have not returned: a `block()` or `run()` that still waits. */
  readonly parked: number;
  /** All of it in words, for an assertion's message. */
  readonly text: string;
}

/** A platform with the controls of a test. */
export interface TestingPlatform extends Platform {
  /** The bus's time, moved by `advance`. */
  readonly clock: VirtualClock;
  /** What the platform may do to its bus, once that has entered `enter`. */
  readonly control: Control | undefined;
  /** Each call of `leave`: more than one is a fault of the bus. */
  readonly exits: readonly Outcome[];
  /** The warnings and errors that no log listener took. */
  readonly reports: readonly LogRecord[];
  /** Each state entered and settled. */
  readonly pulses: readonly Pulse[];
  /** The plan of each respawn. */
  readonly respawns: readonly RestartPlan[];
  /** Runs microtasks until the bus is quiet, and moves no time. */
  flush(): Promise<void>;
  /**
   * Moves time from timer to timer until `promise` settles, and passes on its value or its failure. It does not wait
   * for real input or output: use a runtime's own platform for that.
   * @param limitMs How far time may move, in milliseconds. Default ten minutes.
   * @throws {Error} where no timer is left that could settle it, or the limit is passed.
   */
  settle<T>(promise: PromiseLike<T>, limitMs?: number): Promise<T>;
  /**
   * Delivers a signal as POSIX platforms take it: SIGTERM and SIGINT exit, SIGHUP reloads, SIGUSR2 is graceful, SIGQUIT
   * logs `inspect()`; any other is only published on `signal`.
   * @throws {Error} before the bus has entered `enter`.
   */
  deliver(name: string, options?: { readonly number?: number }): void;
  /**
   * Says, as a host does, that the process ends in `leftMs` milliseconds.
   * @throws {Error} before the bus has entered `enter`.
   */
  notice(leftMs: number): void;
  /**
   * Takes away the context that drives the running phase, as a host does that drops a request.
   * @throws {Error} before the bus has entered `enter`.
   */
  abandon(reason: string): void;
  /** Tells what is left: components, timers, late listeners, a `block()` that still waits. */
  left(bus: { inspect(): BusReport }): Left;
}

const signals: Readonly<
  Record<string, { readonly number: number; readonly goal: Goal | "reload" | "inspect" }>
> = {
  SIGHUP: { number: 1, goal: "reload" },
  SIGINT: { number: 2, goal: "exit" },
  SIGQUIT: { number: 3, goal: "inspect" },
  SIGUSR2: { number: 12, goal: "graceful" },
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
  const settle = async <T>(promise: PromiseLike<T>, limitMs = 600_000): Promise<T> => {
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
