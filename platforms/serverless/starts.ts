/**
 * The starts of a bus whose host drives it by invocations: when an invocation may start the bus, how long it waits for a
 * start, and what happens where the invocation that drove a start is gone.
 * @module
 */
import { textOf } from "../../src/errors.ts";
import type { Control } from "../../src/platform.ts";
import type { ProcessBus } from "../../src/process_bus.ts";
import type { State } from "../../src/states.ts";
import { BackOff, type BackOffOptions } from "./back_off.ts";
import type { ServerlessChannels } from "./channels.ts";
import type { Invocation } from "./invocation.ts";
import type { ServerlessRecord } from "./log_event.ts";
import { NotReadyError } from "./not_ready_error.ts";
import { SharedWork, type SharedWorkOptions } from "./shared_work.ts";

/** How the starts of a bus are timed. */
export interface StartOptions extends BackOffOptions, SharedWorkOptions {}

/** The starts of one bus. All of it is data: where an invocation dies, the next one finds what there is to go on with. */
export class Starts {
  bus: ProcessBus<ServerlessChannels> | undefined;
  control: Control | undefined;
  attempts = 0;
  takeOvers = 0;
  readonly #options: StartOptions;
  readonly #work: SharedWork;
  /** The starts that have failed since the last good one. */
  readonly #backOff: BackOff;
  /** When the bus last entered a state or settled in one. Between two states the bus awaits nothing. */
  #movedAt = 0;
  /** Whether the start under way was abandoned: its failure is not the application's. */
  #takingOver = false;
  /** Why invocations were last refused: the log says it once, not once for each invocation. */
  #refusedFor = "";

  constructor(options: StartOptions) {
    this.#options = options;
    this.#work = new SharedWork(options);
    this.#backOff = new BackOff(options);
  }

  /** The bus entered a state, or settled in it. */
  pulse(state: State, settled: boolean): void {
    this.#movedAt = this.#options.clock.now();
    if (state === "start" && !settled) {
      this.attempts++;
      this.#takingOver = false;
      this.#refusedFor = "";
    } else if (state === "run" && settled) this.#backOff.reset();
  }

  /** A start has failed. */
  fail(error: unknown): void {
    if (!this.#takingOver) this.#backOff.fail(error);
  }

  /**
   * Starts the bus on behalf of an invocation, or joins the start under way. Resolves when the start has ended well or
   * was overtaken: then look at the bus again. Rejects with a `NotReadyError`, at the latest at the instant `end`, which
   * is `ms` milliseconds after the invocation began to wait.
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
    // A promise of this invocation alone: the bus settles it, whichever invocation drives the bus then.
    const started = this.bus!.start();
    if (drives) this.#work.drive(started);
    return new Promise((resolve, reject) => {
      const failed = (error: unknown) => {
        // Another invocation has abandoned the start, or a stop has overtaken it: look at the bus again.
        const goesOn = this.takeOvers > takeOvers || kindOf(error) === "superseded";
        if (goesOn && this.#options.clock.now() < end) resolve();
        else reject(this.#failed(error));
      };
      const waited = this.#work.attend(started, {
        end,
        late: () => reject(this.#late(ms)),
        due: () => this.control?.deadline ?? this.#movedAt,
        isUnderWay: () => !this.control!.settled,
        takeOver: () => this.#takeOver(invocation),
      }).then(resolve, failed);
      // This context may drive the bus for all others, so the host has to keep it until the start has ended.
      invocation.waitUntil?.(waited);
    });
  }

  /** Goes on with what another invocation had under way. */
  #takeOver({ id: by = "an invocation" }: Invocation): void {
    this.takeOvers++;
    this.#takingOver = true;
    const what = `Took over "${this.control!.state}": the invocation that drove it is gone`;
    this.bus!.log(what, { event: "takeover", level: "warn", by } satisfies ServerlessRecord);
    this.control!.abandon(`${by} waits for it`);
  }

  /** Why no start may be asked for now; undefined where one may. */
  #refusal(): NotReadyError | undefined {
    const { state, settled } = this.bus!;
    if (state === "exited") return this.#ended();
    if (!this.#backOff.hasFailed || state === "start" || state === "run") return;
    const { left, error } = this.#backOff;
    if (left <= 0 && state === "idle" && settled) return;
    return this.#failed(error, Math.max(left, 1));
  }

  #failed(cause: unknown, retryAfterMs: number = this.#backOff.pause): NotReadyError {
    const { name, state } = this.bus!;
    const kind = kindOf(cause);
    if (state === "exited" || kind === "unreachable" || kind === "exited") return this.#ended(cause);
    const message = `Cannot serve: the bus "${name}" has not started: ${textOf(cause)}`;
    const error = new NotReadyError(message, { kind: "failed", retryAfterMs, cause });
    // The bus has logged the failure of a start, but not why a start could not even begin.
    return Object(cause).name === "ChannelFailures" || cause === this.#backOff.error
      ? error
      : this.#refused(error);
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

  /** The answer does not say why it is a refusal, so the log does: once for each start, and for each state of the end. */
  #refused(error: NotReadyError): NotReadyError {
    const { kind } = error;
    const reason = `${kind} ${this.bus!.state}`;
    const details = { event: "refused", level: "warn", kind, error } satisfies ServerlessRecord;
    if (reason !== this.#refusedFor) this.bus!.log(error.message, details);
    this.#refusedFor = reason;
    return error;
  }
}

/** The `kind` of a `TransitionError`; undefined for any other error. */
function kindOf(error: unknown): unknown {
  const { name, kind } = Object(error) as { readonly name?: unknown; readonly kind?: unknown };
  return name === "TransitionError" ? kind : undefined;
}
