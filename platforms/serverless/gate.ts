/**
 * The gate of a serverless host: it lets invocations through while the bus runs, and starts the bus where it does not.
 * No invocation waits for a promise of another one, since on some hosts a promise dies with the request that made it:
 * each invocation asks the bus by a call of its own, and has a timer of its own.
 * @module
 */
import { defer, type Deferred, isThenable, type ListenerCount, listenersOf } from "../../src/internal.ts";
import { checkMs, show } from "../../src/check.ts";
import { textOf } from "../../src/errors.ts";
import type { Clock, Control, Outcome, Traits } from "../../src/platform.ts";
import type { ProcessBus } from "../../src/process_bus.ts";
import type { State } from "../../src/states.ts";
import { settlesWithin } from "../process/settles_within.ts";
import type { ServerlessChannels } from "./channels.ts";
import {
  Context,
  type ContextOwner,
  type Invocation,
  type InvocationContext,
  usableMs,
} from "./invocation.ts";
import { InFlight } from "./in_flight.ts";
import type { ServerlessRecord } from "./log_event.ts";
import { type StartOptions, Starts } from "./starts.ts";
import { Thaw, type ThawOptions } from "./thaw.ts";

/** The host's notice that it ends the process. */
export interface ShutdownReason {
  /** The name of the notice, such as `"SIGTERM"`. */
  readonly name: string;
  /** The number of the signal, if the notice was one: then it is published on `signal`, and a second signal forces the end. */
  readonly number?: number;
  /** Milliseconds until the host ends the process. */
  readonly leftMs: number;
}

/** Lets invocations through to the application while the bus runs. There is one for each bus. */
export interface Gate {
  /** How many invocations and works after an answer have not ended. 0 where nobody would wait for them. */
  readonly inFlight: number;
  /** How many times the bus has entered `start`. */
  readonly attempts: number;
  /** How many times an invocation went on with a start whose own invocation was gone. */
  readonly takeOvers: number;
  /**
   * Starts the bus if it does not run, and waits for that. Undefined while the bus runs, so that nothing is awaited:
   * `const wait = gate.ready(invocation); if (wait) await wait;`. Rejects with `NotReadyError`, after `startWithin`
   * at the latest, and shortly before the host would cut the invocation.
   */
  ready(invocation?: Invocation): Promise<void> | undefined;
  /**
   * Waits until the bus runs, calls the body, and passes on what it returns or throws. Counts the invocation as in
   * flight, publishes `thaw` before it if the host may have frozen the process, and `flush` after it if the host gives
   * no notice of its end. Rejects with `NotReadyError` if the bus does not come to run; then the body was not called.
   */
  run<T>(invocation: Invocation, body: (context: InvocationContext) => T | Promise<T>): T | Promise<T>;
  /**
   * Takes the host's notice: the bus drains what is in flight, stops and flushes within `leftMs`. Resolves to the
   * exit code once the bus has left; never rejects. A further call only shortens the time.
   * @throws {RangeError} If `leftMs` is no number of milliseconds.
   */
  shutdown(reason: ShutdownReason): Promise<number>;
}

/** The options of `serverless()`, with their defaults. */
export interface GateOptions extends StartOptions, ThawOptions {
  readonly traits: Traits;
}

type Body<T> = (context: InvocationContext) => T | Promise<T>;

/** After the application's own listeners, and after its components. */
const LAST = { priority: 100 };

const NONE: Invocation = {};

/** The gate of one bus. The platform of the bus tells it of each state. */
export class BusGate implements Gate, ContextOwner {
  readonly clock: Clock;
  readonly #options: GateOptions;
  readonly #starts: Starts;
  readonly #flight: InFlight;
  #bus: ProcessBus<ServerlessChannels> | undefined;
  /** Whether the bus runs and has settled. */
  #open = false;
  /** Whether what is in flight is counted. A host that gives no notice may drop an invocation unseen. */
  readonly #counts: boolean;
  /** Whether the host may stop the process between invocations. */
  readonly #freezes: boolean;
  /** Whether work after an answer goes on only where the host is told of it by `waitUntil`. */
  readonly #waits: boolean;
  #thaw: Thaw | undefined;
  /** The listeners of `flush`, if it is published after each invocation. */
  #flush: ListenerCount | undefined;
  readonly #left: Deferred<number> = defer();

  constructor(options: GateOptions) {
    const { clock, traits: { background, ioOutsideRequests, notice } } = options;
    this.clock = clock;
    this.#options = options;
    this.#starts = new Starts(options);
    this.#waits = background !== "runs";
    this.#freezes = this.#waits && (background === "frozen" || ioOutsideRequests);
    this.#counts = this.#freezes || notice !== "none";
    const tells = this.#freezes || notice === "none";
    this.#flight = new InFlight(tells ? (context) => this.#ended(context) : undefined);
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

  /** Serves this bus from now on. */
  open(bus: ProcessBus<ServerlessChannels>): Gate {
    if (this.#bus) return this;
    this.#bus = bus;
    this.#starts.bus = bus;
    if (this.#freezes) this.#thaw = new Thaw(this.#options, bus, listenersOf(bus, "thaw"));
    if (this.#options.traits.notice === "none") this.#flush = listenersOf(bus, "flush");
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
    if (this.#open) this.#thaw?.rest();
    this.#starts.pulse(state, settled);
  }

  /** The bus has ended. */
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
    if (!this.#open || this.#thaw && this.#thawing()) return this.#admit(invocation, body);
    const context = new Context(this, invocation);
    // The same as #begin does on a host like this. To do it here saves Bun 12 ns of a call whose end is a promise.
    if (this.#counts && !this.#waits) return this.#flight.run(context, body);
    return this.#begin(context, body);
  }

  shutdown({ name, number, leftMs }: ShutdownReason): Promise<number> {
    checkMs("Cannot shut down", "leftMs", leftMs);
    // A bus that has not begun has no control yet: asking it to exit attaches the platform.
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
    const fail = (outcome: "failed" | "unheld", error: unknown) => {
      const what = outcome === "failed" ? "has failed" : "may be cut, its host does not wait for it";
      const message = `Work that ${titleOf(invocation)} went on with ${what}: ${textOf(error)}`;
      const { id } = invocation;
      const details = {
        event: "work",
        level: "error",
        invocation: id,
        outcome,
        error,
      } satisfies ServerlessRecord;
      this.#bus!.log(message, details);
    };
    this.#flight.count++;
    context.pending++;
    const end = () => {
      this.#thaw?.rest();
      this.#flight.leave(context);
    };
    const done = work.then(end, (error) => {
      end();
      fail("failed", error);
    });
    if (!invocation.waitUntil) return void works?.push(done);
    try {
      invocation.waitUntil(done);
    } catch (error) {
      fail("unheld", error);
    }
  }

  async #wait(invocation: Invocation): Promise<void> {
    // To answer why is better than to be cut: on some hosts the whole process is cut with the invocation.
    const ms = Math.min(this.#options.startWithin, usableMs(invocation, this.clock));
    const end = this.clock.now() + ms;
    while (!this.#open) await this.#starts.start(invocation, { end, ms });
  }

  /** Publishes `thaw` if the host may have stopped the process: it does not while something is in flight. */
  #thawing(): Promise<void> | undefined {
    return this.#flight.count === 0 ? this.#thaw?.begin() : undefined;
  }

  /** Waits for `thaw`, for at most half of the time that the host leaves the invocation. */
  async #thawed(invocation: Invocation): Promise<void> {
    const thawed = this.#thawing();
    const ms = usableMs(invocation, this.clock) / 2;
    if (!thawed || ms >= this.#options.startWithin) return thawed;
    await settlesWithin(thawed, ms, this.clock);
  }

  /** Waits for everything that comes before an invocation, and begins it. */
  async #admit<T>(invocation: Invocation, body: Body<T>): Promise<T> {
    let wait: Promise<void> | undefined;
    while ((wait = this.ready(invocation))) await wait;
    if (this.#thaw) {
      await this.#thawed(invocation);
      while ((wait = this.ready(invocation))) await wait;
    }
    return this.#begin(new Context(this, invocation), body);
  }

  #begin<T>(context: Context, body: Body<T>): T | Promise<T> {
    if (this.#waits && !context.invocation.waitUntil) return this.#complete(context, body);
    // Nobody needs to know when the invocation ends.
    if (!this.#counts && this.#flush!.count === 0) return body(context);
    return this.#flight.run(context, body);
  }

  /** Calls the body on a host where nothing goes on after the answer: the answer waits for all work. */
  async #complete<T>(context: Context, body: Body<T>): Promise<T> {
    const works: Promise<unknown>[] = context.works = [];
    this.#flight.count++;
    try {
      return await body(context);
    } finally {
      this.#ended(context);
      await this.#worked(context, works);
      this.#flight.leave(context);
    }
  }

  /** Waits for the work of an invocation, as long as there is time to answer. */
  async #worked({ invocation }: Context, works: Promise<unknown>[]): Promise<void> {
    const usable = usableMs(invocation, this.clock);
    const ms = Math.round(usable === Infinity ? this.#options.startWithin : usable);
    const end = this.clock.now() + ms;
    for (let work; (work = works.shift());) {
      if (await settlesWithin(work, Math.max(0, end - this.clock.now()), this.clock)) continue;
      const what = `does not wait for the work that still runs after ${ms} ms`;
      const { id } = invocation;
      const details = {
        event: "work",
        level: "warn",
        invocation: id,
        outcome: "late",
        ms,
      } satisfies ServerlessRecord;
      return this.#bus!.log(`The answer of ${titleOf(invocation)} ${what}`, details);
    }
  }

  /** Publishes `flush` on a host that gives no notice of its end. The bus logs what fails. */
  #ended(context: Context): void {
    this.#thaw?.rest();
    if (!this.#flush || this.#flush.count === 0) return;
    this.after(context, this.#bus!.publish("flush", context).catch(() => {}));
  }
}

/** How messages name an invocation. */
function titleOf({ kind = "invocation", id }: Invocation): string {
  return id === undefined ? `an invocation of kind "${kind}"` : `the ${kind} "${id}"`;
}
