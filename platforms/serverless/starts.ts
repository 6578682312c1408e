/**
 * The starts of a bus whose host drives it by invocations: who may ask for one, how long he waits, and what is done
 * where the one that drove it is gone.
 * @module
 */
import { textOf } from "../../src/errors.ts";
import type { Clock, Control } from "../../src/platform.ts";
import type { ProcessBus } from "../../src/process_bus.ts";
import type { State } from "../../src/states.ts";
import type { ServerlessChannels } from "./channels.ts";
import type { Invocation } from "./invocation.ts";
import { NotReadyError } from "./not_ready_error.ts";
import type { Sleep } from "./sleep.ts";

/** What the starts of a bus are told by. */
export interface StartOptions {
  readonly clock: Clock;
  readonly retryDelay: number;
  readonly maxRetryDelay: number;
  /** How an invocation waits for another one. */
  readonly sleep: (ms: number) => Sleep;
}

/** What one invocation does while it waits. */
interface Attendance {
  readonly invocation: Invocation;
  readonly end: number;
  readonly late: () => void;
}

/**
 * Milliseconds that a phase may be over its deadline before whoever drove it counts as dead. The driver's own timer
 * ends it then and there; this one is another invocation's, and may come first by a little.
 */
const GRACE_MS = 100;

/** The starts of one bus. All of it is data: where an invocation dies, the next one finds what there is to go on with. */
export class Starts {
  bus: ProcessBus<ServerlessChannels> | undefined;
  control: Control | undefined;
  attempts = 0;
  takeOvers = 0;
  readonly #options: StartOptions;
  /** The starts that have failed since the last one that has not, and the last of them. */
  #failures = 0;
  #failedAt = 0;
  #error: unknown;
  /** When the bus last came to a state, or through with one: between two of them nothing is awaited. */
  #movedAt = 0;
  /**
   * What the one that drives the bus waits for, until he has heard of it. A workerd of 2026-11 rejects it when he is
   * dead: to the others, who only ever look at it, that is a hint, and the deadline of the phase the rule.
   */
  #driver: Promise<void> | undefined;
  /** Whether what fails now was abandoned, which is no failure of the application's. */
  #takingOver = false;
  /** What invocations were last refused for: under load that is said once, not by each of them. */
  #saidOf = "";

  constructor(options: StartOptions) {
    this.#options = options;
  }

  /** The bus entered a state, or settled in it. */
  pulse(state: State, settled: boolean): void {
    this.#movedAt = this.#options.clock.now();
    if (state === "start" && !settled) {
      this.attempts++;
      this.#takingOver = false;
      this.#saidOf = "";
    } else if (state === "run" && settled) this.#failures = 0;
  }

  /** A start has failed. */
  fail(error: unknown): void {
    if (this.#takingOver) return;
    this.#failures++;
    this.#failedAt = this.#options.clock.now();
    this.#error = error;
  }

  /**
   * Asks for a start, on behalf of one invocation, or joins the one under way; resolves when that has come to
   * something. Rejects with a `NotReadyError`, after the instant `end` at the latest, `ms` milliseconds after its begin.
   */
  start(
    invocation: Invocation,
    { end, ms }: { readonly end: number; readonly ms: number },
  ): Promise<void> {
    const refused = this.#refusal();
    if (refused) return Promise.reject(refused);
    const { takeOvers } = this;
    const { state, settled } = this.bus!;
    const drives = settled && (state === "initial" || state === "idle");
    // A promise of this invocation alone: the bus settles it, whoever drives it then.
    const started = this.bus!.start();
    if (drives) this.#drive(started);
    return new Promise((resolve, reject) => {
      const failed = (error: unknown) => {
        // Abandoned by one of those who wait, or overtaken by a stop: go on with what that has begun.
        const goesOn = this.takeOvers > takeOvers || kindOf(error) === "superseded";
        if (goesOn && this.#options.clock.now() < end) resolve();
        else reject(this.#failed(error));
      };
      const late = () => reject(this.#late(ms));
      const attended = this.#attend(started, { invocation, end, late }).then(resolve, failed);
      // Its context may be the one that drives the bus, and answers nobody before that is at rest.
      invocation.waitUntil?.(attended);
    });
  }

  /**
   * Sleeps until the start has come to something, and passes that on. Takes it over where the one that drives it is gone:
   * the host says so, or the phase under way is over its deadline, as it would not be if he lived. That is looked at
   * twice, since a thread that was busy is late with all of its timers. Calls `late` at the instant `end`, and goes on.
   */
  async #attend(started: Promise<void>, { invocation, end, late }: Attendance): Promise<void> {
    const { clock, sleep } = this.#options;
    let over = false;
    let wake = () => {};
    const done = () => {
      over = true;
      wake();
    };
    started.then(done, done);
    const driver = this.#driver;
    let lost = false;
    driver?.then(undefined, () => {
      lost = driver === this.#driver;
      wake();
    });
    for (let seen: number | undefined, told = false; !over;) {
      const now = clock.now();
      if (now >= end && !told) {
        told = true;
        late();
      }
      const due = (this.control?.deadline ?? this.#movedAt) + GRACE_MS;
      if (lost && !this.control!.settled || now >= due && seen === due) {
        lost = false;
        this.#takeOver(invocation);
        this.#drive(started);
      }
      seen = now < due ? undefined : due;
      const next = Math.max(due, now + GRACE_MS);
      const nap = sleep((told ? next : Math.min(next, end)) - now);
      wake = () => nap.wake();
      await nap.over;
    }
    return started;
  }

  /** From now on the one that this promise was made for drives the bus. */
  #drive(started: Promise<void>): void {
    this.#driver = started;
    const done = () => {
      if (this.#driver === started) this.#driver = undefined;
    };
    started.then(done, done);
  }

  /** Goes on with what another invocation had under way. */
  #takeOver({ id = "an invocation" }: Invocation): void {
    const { state } = this.control!;
    this.takeOvers++;
    this.#takingOver = true;
    this.bus!.log(`Took over "${state}": the invocation that drove it is gone`, { level: "warn", by: id });
    this.control!.abandon(`${id} waits for it`);
  }

  #refusal(): NotReadyError | undefined {
    const { clock } = this.#options;
    const { state, settled } = this.bus!;
    if (state === "exited") return this.#ended();
    if (this.#failures === 0 || state === "start" || state === "run") return;
    const left = this.#failedAt + this.#pause - clock.now();
    if (left <= 0 && state === "idle" && settled) return;
    return this.#failed(this.#error, Math.max(left, 1));
  }

  /** Milliseconds from the last failure until another start. */
  get #pause(): number {
    const { retryDelay, maxRetryDelay } = this.#options;
    return Math.min(retryDelay * 2 ** Math.max(0, this.#failures - 1), maxRetryDelay);
  }

  #failed(cause: unknown, retryAfterMs: number = this.#pause): NotReadyError {
    const { name, state } = this.bus!;
    const kind = kindOf(cause);
    if (state === "exited" || kind === "unreachable" || kind === "exited") return this.#ended(cause);
    const message = `Cannot serve: the bus "${name}" has not started: ${textOf(cause)}`;
    const error = new NotReadyError(message, { kind: "failed", retryAfterMs, cause });
    // What a start failed with has been logged by the bus; one that could not even begin has not.
    return Object(cause).name === "ChannelFailures" || cause === this.#error ? error : this.#refused(error);
  }

  #late(ms: number): NotReadyError {
    const { name, state } = this.bus!;
    const { retryDelay } = this.#options;
    const within = `within ${Math.round(ms)} ms`;
    const message = `Cannot serve: the bus "${name}" has not started ${within}, it is in "${state}"`;
    return this.#refused(new NotReadyError(message, { kind: "late", retryAfterMs: retryDelay }));
  }

  #ended(cause?: unknown): NotReadyError {
    const { name, state } = this.bus!;
    const what = state === "exited" ? "has exited" : `is about to exit, it is in "${state}"`;
    const details = cause === undefined ? undefined : { cause };
    return this.#refused(
      new NotReadyError(`Cannot serve: the bus "${name}" ${what}`, { kind: "ended", ...details }),
    );
  }

  /** The public is not told why it is refused, so the log is: once for each start, and for each state of the end. */
  #refused(error: NotReadyError): NotReadyError {
    const of = `${error.kind} ${this.bus!.state}`;
    if (of !== this.#saidOf) this.bus!.log(error.message, { level: "warn", error });
    this.#saidOf = of;
    return error;
  }
}

/** What kind of a `TransitionError` it is, if it is one. */
function kindOf(error: unknown): unknown {
  const { name, kind } = Object(error) as { readonly name?: unknown; readonly kind?: unknown };
  return name === "TransitionError" ? kind : undefined;
}
