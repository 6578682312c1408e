/**
 * The gate of a serverless host: invocations pass it when the bus runs, and start it where it does not. What it knows
 * is data. No invocation waits for a promise of another one, since on some hosts that dies with its request; each
 * asks the bus by a call of its own, and has a timer of its own in case that who drives the bus is gone.
 * @module
 */
import { coreOf } from "../../src/bus.ts";
import { isThenable } from "../../src/channel.ts";
import { checkMs, show } from "../../src/check.ts";
import { defer, type Deferred } from "../../src/_deferred.ts";
import { textOf } from "../../src/errors.ts";
import type { Clock, Control, Outcome, Traits } from "../../src/platform.ts";
import type { ProcessBus } from "../../src/process_bus.ts";
import type { Phase, State } from "../../src/states.ts";
import type { ServerlessChannels } from "./channels.ts";
import { Context, type ContextOwner, type Invocation, type InvocationContext } from "./invocation.ts";
import { type StartOptions, Starts } from "./starts.ts";

/** The host's notice that it ends the process. */
export interface ShutdownReason {
  /** What it was, such as `"SIGTERM"`. */
  readonly name: string;
  /** The number of the signal, where it was one: then it is published on `signal`, and a second one forces. */
  readonly number?: number;
  /** Milliseconds until the host ends the process. */
  readonly leftMs: number;
}

/** What lets invocations through to the application while the bus runs. One a bus. */
export interface Gate {
  /** How many invocations have begun and not ended, with the work they go on with. 0 where the host gives no notice. */
  readonly inFlight: number;
  /** How many times the bus has entered `start`. */
  readonly attempts: number;
  /** How many times an invocation went on with what another one had under way and died. */
  readonly takeOvers: number;
  /**
   * Starts the bus where it does not run, and waits for that. Undefined where it runs, so that nothing is awaited:
   * `const wait = gate.ready(invocation); if (wait) await wait;`. Rejects with `NotReadyError`, after `startWithin`
   * at the latest.
   */
  ready(invocation?: Invocation): Promise<void> | undefined;
  /**
   * Waits until the bus runs, and calls the body: what it returns or throws is passed on. Counts it as in flight,
   * publishes `thaw` before it where the host froze the process, and `flush` after it where the host gives no notice
   * of its end. Rejects with `NotReadyError` where the bus does not come to run; then the body was not called.
   */
  run<T>(invocation: Invocation, body: (context: InvocationContext) => T | Promise<T>): T | Promise<T>;
  /**
   * Takes the host's notice: the bus drains what is in flight, stops and flushes within `leftMs`. Resolves to the
   * exit code once it has left; never rejects. A further call only shortens the time.
   * @throws {RangeError} Where `leftMs` is no number of milliseconds.
   */
  shutdown(reason: ShutdownReason): Promise<number>;
}

/** How a gate is made: what `serverless()` was given, with its defaults. */
export interface GateOptions extends StartOptions {
  readonly traits: Traits;
  readonly thawAfterMs: number;
}

/** After the application's own listeners, and after its components. */
const LAST = { priority: 100 };

const NONE: Invocation = {};

/** The gate of one bus. Its platform makes it, and tells it of each state. */
export class BusGate implements Gate, ContextOwner {
  readonly clock: Clock;
  inFlight = 0;
  readonly #options: GateOptions;
  readonly #starts: Starts;
  #bus: ProcessBus<ServerlessChannels> | undefined;
  /** Whether the bus runs and has settled. */
  #open = false;
  /** Whether the host stops time between invocations; since when it may have. */
  readonly #freezes: boolean;
  #restedAt = 0;
  #thawing: Promise<void> | undefined;
  /** Whether the ends of invocations are counted: a host that gives no notice may drop one unseen. */
  readonly #counts: boolean;
  /** Those whose signal somebody has. */
  readonly #contexts = new Set<Context>();
  #drained: (() => void) | undefined;
  readonly #left: Deferred<number> = defer();

  constructor(options: GateOptions) {
    const { clock, traits } = options;
    this.clock = clock;
    this.#options = options;
    this.#starts = new Starts(options);
    this.#freezes = traits.background === "frozen";
    this.#counts = traits.notice !== "none";
  }

  get attempts(): number {
    return this.#starts.attempts;
  }

  get takeOvers(): number {
    return this.#starts.takeOvers;
  }

  /** Serves one bus from now on. */
  open(bus: ProcessBus<ServerlessChannels>): Gate {
    if (this.#bus) return this;
    this.#bus = bus;
    this.#starts.bus = bus;
    const named = (name: string) => ({ ...LAST, name });
    bus.subscribe("start_error", ({ reason }) => this.#starts.fail(reason.error), {
      priority: -Infinity,
      name: "gate",
    });
    bus.subscribe("drain", (phase) => this.#drain(phase), named("invocations"));
    bus.subscribe("exit", (phase) => this.#publishes("flush") && bus.publish("flush", phase), named("flush"));
    this.#open = bus.state === "run" && bus.settled;
    return this;
  }

  /** The platform was attached to the bus. */
  attach(control: Control): void {
    this.#starts.control = control;
  }

  /** The bus entered a state, or settled in it. */
  pulse(state: State, settled: boolean): void {
    this.#open = state === "run" && settled;
    if (this.#open && this.#freezes) this.#restedAt = this.clock.time();
    this.#starts.pulse(state, settled);
  }

  /** The bus is at its end. */
  leave({ code }: Outcome): void {
    this.#left.resolve(code);
  }

  ready(invocation: Invocation = NONE): Promise<void> | undefined {
    if (this.#open) return;
    const wait = this.#wait(invocation);
    wait.catch(() => {});
    return wait;
  }

  run<T>(invocation: Invocation, body: (context: InvocationContext) => T | Promise<T>): T | Promise<T> {
    if (!this.#open || this.#freezes && this.#isThawed()) return this.#admit(invocation, body);
    return this.#begin(invocation, body);
  }

  shutdown(reason: ShutdownReason): Promise<number> {
    const { name, number, leftMs } = reason;
    checkMs("Cannot shut down", "leftMs", leftMs);
    // Where the bus has not begun, this attaches the platform, so that it can be told of the time.
    if (!this.#starts.control) void this.#bus!.exit();
    const told = { by: number === undefined ? "host" : "signal", name, leftMs } as const;
    this.#starts.control?.request("exit", number === undefined ? told : { ...told, number });
    return this.#left.promise;
  }

  add(context: Context): void {
    if (this.#counts) this.#contexts.add(context);
  }

  after(context: Context, work: Promise<unknown>): void {
    if (!isThenable(work)) throw new TypeError(`Cannot wait until ${show(work)}: expected a promise`);
    const { invocation } = context;
    if (this.#counts) this.inFlight++;
    const end = () => {
      if (this.#counts) this.#leave();
    };
    const done = work.then(end, (error) => {
      end();
      const what = titleOf(invocation);
      this.#bus!.log(`Work that ${what} went on with has failed: ${textOf(error)}`, {
        level: "error",
        error,
      });
    });
    if (invocation.waitUntil) invocation.waitUntil(done);
    else context.works?.push(done);
  }

  async #wait(invocation: Invocation): Promise<void> {
    const end = this.clock.now() + this.#options.startWithin;
    while (!this.#open) await this.#starts.start(invocation, end);
  }

  async #admit<T>(
    invocation: Invocation,
    body: (context: InvocationContext) => T | Promise<T>,
  ): Promise<T> {
    if (!this.#open) await this.ready(invocation);
    if (this.#freezes && (this.#thawing || this.#isThawed())) {
      await (this.#thawing ??= this.#thaw());
    }
    return this.#begin(invocation, body);
  }

  #begin<T>(invocation: Invocation, body: (context: InvocationContext) => T | Promise<T>): T | Promise<T> {
    const context = new Context(this, invocation);
    if (!this.#counts && !this.#publishes("flush")) return body(context);
    return this.#watch(context, body);
  }

  /** Calls the body and sees its end. */
  #watch<T>(context: Context, body: (context: InvocationContext) => T | Promise<T>): T | Promise<T> {
    this.inFlight++;
    const { background } = this.#options.traits;
    if (background !== "runs" && !context.invocation.waitUntil) return this.#complete(context, body);
    let result: T | Promise<T>;
    try {
      result = body(context);
    } catch (error) {
      this.#end(context);
      throw error;
    }
    const end = () => this.#end(context);
    if (isThenable(result)) result.then(end, end);
    else end();
    return result;
  }

  /** The same where nothing goes on after the answer: so the answer waits for all. */
  async #complete<T>(context: Context, body: (context: InvocationContext) => T | Promise<T>): Promise<T> {
    const works: Promise<unknown>[] = context.works = [];
    try {
      return await body(context);
    } finally {
      this.#flush(context);
      for (let work; (work = works.shift());) await work;
      this.#close(context);
    }
  }

  #end(context: Context): void {
    this.#flush(context);
    this.#close(context);
  }

  #flush(context: Context): void {
    if (this.#counts || !this.#publishes("flush")) return;
    // What fails is logged by the bus.
    this.after(context, this.#bus!.publish("flush", context).catch(() => {}));
  }

  #close(context: Context): void {
    context.close();
    this.#contexts.delete(context);
    this.#leave();
  }

  #leave(): void {
    this.inFlight--;
    if (this.#freezes) this.#restedAt = this.clock.time();
    if (this.inFlight === 0) this.#drained?.();
  }

  #publishes(channel: keyof ServerlessChannels): boolean {
    return coreOf(this.#bus!).channel(channel).entries.length > 0;
  }

  /** Whether the host has stopped time since the last invocation. */
  #isThawed(): boolean {
    if (this.#thawing) return true;
    const { thawAfterMs } = this.#options;
    return this.inFlight === 0 && this.clock.time() - this.#restedAt > thawAfterMs && this.#publishes("thaw");
  }

  /** Publishes `thaw`; an invocation goes on whatever comes of it, after the time of a start at the latest. */
  #thaw(): Promise<void> {
    const gap = this.clock.time() - this.#restedAt;
    const { startWithin } = this.#options;
    return new Promise((resolve) => {
      const done = () => {
        disarm();
        this.#thawing = undefined;
        this.#restedAt = this.clock.time();
        resolve();
      };
      const disarm = this.clock.setTimer(startWithin, () => {
        this.#bus!.log(`The listeners of "thaw" still run after ${startWithin} ms`, { level: "warn" });
        done();
      });
      this.#bus!.publish("thaw", gap).then(done, done);
    });
  }

  /** Waits until nothing is in flight; shortly before its time is over, the invocations are told to cut. */
  #drain({ signal }: Phase): Promise<void> | undefined {
    if (this.inFlight === 0) return;
    const cut = () => {
      for (const context of this.#contexts) context.abort(signal.reason);
    };
    if (signal.aborted) cut();
    signal.addEventListener("abort", cut);
    return new Promise((resolve) => {
      this.#drained = () => {
        signal.removeEventListener("abort", cut);
        this.#drained = undefined;
        resolve();
      };
    });
  }
}

/** An invocation as messages name it. */
function titleOf({ kind = "invocation", id }: Invocation): string {
  return id === undefined ? `an invocation of kind "${kind}"` : `the ${kind} "${id}"`;
}
