/**
 * The gate of a serverless host: invocations pass it when the bus runs, and start it where it does not. What it knows
 * is data. No invocation waits for a promise of another one, since on some hosts that dies with its request; each
 * asks the bus by a call of its own, and has a timer of its own in case that who drives the bus is gone.
 * @module
 */
import { defer, type Deferred, isThenable, type ListenerCount, listenersOf } from "../../src/internal.ts";
import { checkMs, show } from "../../src/check.ts";
import { textOf } from "../../src/errors.ts";
import type { Clock, Control, Outcome, Traits } from "../../src/platform.ts";
import type { ProcessBus } from "../../src/process_bus.ts";
import type { State } from "../../src/states.ts";
import type { ServerlessChannels } from "./channels.ts";
import {
  Context,
  type ContextOwner,
  type Invocation,
  type InvocationContext,
  usableMs,
} from "./invocation.ts";
import { InFlight } from "./in_flight.ts";
import { type StartOptions, Starts } from "./starts.ts";
import { Thaw, type ThawOptions } from "./thaw.ts";

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
  /** How many invocations have begun and not ended, with the work they go on with. 0 where nobody would wait. */
  readonly inFlight: number;
  /** How many times the bus has entered `start`. */
  readonly attempts: number;
  /** How many times an invocation went on with what another one had under way and died. */
  readonly takeOvers: number;
  /**
   * Starts the bus where it does not run, and waits for that. Undefined where it runs, so that nothing is awaited:
   * `const wait = gate.ready(invocation); if (wait) await wait;`. Rejects with `NotReadyError`, after `startWithin`
   * at the latest, and shortly before the host would cut the invocation.
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
export interface GateOptions extends StartOptions, ThawOptions {
  readonly traits: Traits;
}

type Body<T> = (context: InvocationContext) => T | Promise<T>;

/** After the application's own listeners, and after its components. */
const LAST = { priority: 100 };

const NONE: Invocation = {};

/** The gate of one bus. Its platform makes it, and tells it of each state. */
export class BusGate implements Gate, ContextOwner {
  readonly clock: Clock;
  readonly #options: GateOptions;
  readonly #starts: Starts;
  readonly #flight: InFlight = new InFlight();
  #bus: ProcessBus<ServerlessChannels> | undefined;
  /** Whether the bus runs and has settled. */
  #open = false;
  /** Whether, then, the end of an invocation is nothing to be seen, but for those that flush; or is only counted. */
  #direct = false;
  #plain = false;
  /** Whether what is in flight is counted: a host that gives no notice may drop an invocation unseen. */
  readonly #counts: boolean;
  readonly #freezes: boolean;
  /** Whether what goes on after the answer has to be waited for, where the host does not. */
  readonly #waits: boolean;
  #thaw: Thaw | undefined;
  /** The channel that is published on after each invocation. */
  #flush: ListenerCount | undefined;
  readonly #left: Deferred<number> = defer();

  constructor(options: GateOptions) {
    const { clock, traits: { background, ioOutsideRequests, notice } } = options;
    this.clock = clock;
    this.#options = options;
    this.#starts = new Starts(options);
    // What stops its process between invocations either says so, or only keeps it going for `waitUntil`.
    this.#freezes = background === "frozen" || background === "waitUntil" && ioOutsideRequests;
    this.#waits = background !== "runs";
    this.#counts = this.#freezes || notice !== "none";
  }

  get inFlight(): number {
    return this.#counts ? this.#flight.count : 0;
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
    if (this.#freezes) this.#thaw = new Thaw(this.#options, bus, listenersOf(bus, "thaw"));
    this.#flush = listenersOf(bus, "flush");
    bus.subscribe("start_error", ({ reason }) => this.#starts.fail(reason.error), {
      name: "gate",
      priority: 0,
    });
    if (this.#counts) {
      bus.subscribe("drain", (phase) => this.#flight.drain(phase), { ...LAST, name: "invocations" });
    }
    bus.subscribe("exit", (phase) => bus.publish("flush", phase), { ...LAST, name: "flush" });
    this.#thaw?.rest();
    return this;
  }

  /** The platform was attached to the bus. */
  attach(control: Control): void {
    this.#starts.control = control;
  }

  /** The bus entered a state, or settled in it. */
  pulse(state: State, settled: boolean): void {
    this.#open = state === "run" && settled;
    this.#direct = this.#open && !this.#counts;
    this.#plain = this.#open && this.#counts && !this.#freezes && !this.#waits;
    if (this.#open) this.#thaw?.rest();
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

  run<T>(invocation: Invocation, body: Body<T>): T | Promise<T> {
    if (this.#plain) {
      // What `#begin` does, less what is nothing here: to be inlined in its caller, which a call from here is not.
      const flight = this.#flight;
      const context = new Context(this, invocation);
      flight.count++;
      let result: T | Promise<T>;
      try {
        result = body(context);
      } catch (error) {
        flight.leave(context);
        throw error;
      }
      if (isThenable(result)) flight.leaveAfter(result = promiseOf(result), context);
      else flight.leave(context);
      return result;
    }
    if (this.#direct && this.#flush!.count === 0 && (invocation.waitUntil || !this.#waits)) {
      return body(new Context(this, invocation));
    }
    if (this.#open && !this.#thawing()) return this.#begin(invocation, body);
    return this.#admit(invocation, body);
  }

  shutdown({ name, number, leftMs }: ShutdownReason): Promise<number> {
    checkMs("Cannot shut down", "leftMs", leftMs);
    // Where the bus has not begun, this attaches the platform, so that it can be told of the time.
    if (!this.#starts.control) void this.#bus!.exit();
    const signal = number === undefined ? { by: "host" } as const : { by: "signal", number } as const;
    this.#starts.control?.request("exit", { ...signal, name, leftMs });
    return this.#left.promise;
  }

  add(context: Context): void {
    if (this.#counts) this.#flight.add(context);
  }

  after(context: Context, work: Promise<unknown>): void {
    const { invocation, works } = context;
    if (!isThenable(work)) throw new TypeError(`Cannot wait until ${show(work)}: expected a promise`);
    const log = (what: string, error: unknown) => {
      const message = `Work that ${titleOf(invocation)} went on with ${what}: ${textOf(error)}`;
      this.#bus!.log(message, { level: "error", error });
    };
    this.#flight.count++;
    context.pending++;
    const end = () => this.#leave(context);
    const done = work.then(end, (error) => {
      end();
      log("has failed", error);
    });
    if (!invocation.waitUntil) return void works?.push(done);
    try {
      invocation.waitUntil(done);
    } catch (error) {
      log("may be cut, its host does not wait for it", error);
    }
  }

  async #wait(invocation: Invocation): Promise<void> {
    // To say why is better than to be cut, on some hosts with the whole process.
    const ms = Math.min(this.#options.startWithin, usableMs(invocation, this.clock));
    const end = this.clock.now() + ms;
    while (!this.#open) await this.#starts.start(invocation, { end, ms });
  }

  /** Where the host may have stopped the process: it does not while something is in flight. */
  #thawing(): Promise<void> | undefined {
    return this.#flight.count === 0 ? this.#thaw?.begin() : undefined;
  }

  /** The same, for at most half of the time that the host leaves the invocation. */
  #thawed(invocation: Invocation): Promise<unknown> | undefined {
    const thawed = this.#thawing();
    const ms = usableMs(invocation, this.clock) / 2;
    if (!thawed || ms >= this.#options.startWithin) return thawed;
    return this.#within(ms, thawed);
  }

  /** Waits for what never rejects, for so many milliseconds at most; false where they were too few. */
  #within(ms: number, awaited: Promise<unknown>): Promise<boolean> {
    return new Promise((resolve) => {
      const disarm = this.clock.setTimer(ms, () => resolve(false));
      void awaited.then(() => {
        disarm();
        resolve(true);
      });
    });
  }

  /** Waits for all that comes before an invocation, and begins it. */
  async #admit<T>(invocation: Invocation, body: Body<T>): Promise<T> {
    let wait: Promise<void> | undefined;
    while ((wait = this.ready(invocation))) await wait;
    await this.#thawed(invocation);
    while ((wait = this.ready(invocation))) await wait;
    return this.#begin(invocation, body);
  }

  /** Calls the body and sees its end. */
  #begin<T>(invocation: Invocation, body: Body<T>): T | Promise<T> {
    const context = new Context(this, invocation);
    this.#flight.count++;
    if (this.#waits && !invocation.waitUntil) return this.#complete(context, body);
    let result: T | Promise<T>;
    try {
      result = body(context);
    } catch (error) {
      this.#end(context);
      throw error;
    }
    if (isThenable(result)) {
      result = promiseOf(result);
      const end = () => this.#end(context);
      result.then(end, end);
    } else this.#end(context);
    return result;
  }

  /** The same where nothing goes on after the answer: so the answer waits for all. */
  async #complete<T>(context: Context, body: Body<T>): Promise<T> {
    const works: Promise<unknown>[] = context.works = [];
    try {
      return await body(context);
    } finally {
      this.#flushAfter(context);
      await this.#worked(context, works);
      this.#leave(context);
    }
  }

  /** Waits for what an answer waits for, as long as there is time to give one. */
  async #worked({ invocation }: Context, works: Promise<unknown>[]): Promise<void> {
    const usable = usableMs(invocation, this.clock);
    const ms = usable === Infinity ? this.#options.startWithin : usable;
    const end = this.clock.now() + ms;
    for (let work; (work = works.shift());) {
      if (await this.#within(Math.max(0, end - this.clock.now()), work)) continue;
      const what = `does not wait for the work that still runs after ${Math.round(ms)} ms`;
      return this.#bus!.log(`The answer of ${titleOf(invocation)} ${what}`, { level: "warn" });
    }
  }

  #end(context: Context): void {
    if (!this.#plain) this.#flushAfter(context);
    this.#leave(context);
  }

  /** Publishes `flush` where nobody will say that the end has come; what fails is logged by the bus. */
  #flushAfter(context: Context): void {
    if (this.#options.traits.notice !== "none" || this.#flush!.count === 0) return;
    this.after(context, this.#bus!.publish("flush", context).catch(() => {}));
  }

  #leave(context: Context): void {
    this.#thaw?.rest();
    this.#flight.leave(context);
  }
}

/** What has a `then` and is no promise, such as a query that is built, may do its work at each call of that: so it gets one. */
function promiseOf<T>(result: PromiseLike<T>): Promise<T> {
  return result instanceof Promise ? result : Promise.resolve(result);
}

/** An invocation as messages name it. */
function titleOf({ kind = "invocation", id }: Invocation): string {
  return id === undefined ? `an invocation of kind "${kind}"` : `the ${kind} "${id}"`;
}
