/**
 * How a value is made once: by the first call that needs it, or by a later one where that has failed or is gone.
 * @module
 */
import type { Component } from "../../src/component.ts";
import { textOf } from "../../src/errors.ts";
import {
  type Controller,
  defer,
  type Deferred,
  isThenable,
  namedError,
  type Signal,
  web,
} from "../../src/internal.ts";
import type { Phase } from "../../src/phase.ts";
import { webClock } from "../../src/web_clock.ts";
import { BackOff } from "../../platforms/serverless/back_off.ts";
import { NotReadyError } from "../../platforms/serverless/not_ready_error.ts";
import { SharedWork } from "../../platforms/serverless/shared_work.ts";
import { OwnLog } from "./own_log.ts";
import { isBoundToRequest, sleep } from "./request_bound.ts";
import type { Keeper } from "./web_app.ts";

/** How a lazy value is made. Times are milliseconds. */
export interface LazyOptions<T> {
  /** Its name in messages, and as a component. Default: that of `create`, else "lazy". */
  readonly name?: string;
  /** As a component: what it starts after and is disposed of before. Default: nothing. */
  readonly dependsOn?: readonly string[];
  /** The longest time for one `create`; its signal aborts then, and those who wait are told. Default 10 000. */
  readonly within?: number;
  /** The time after a failure until `create` is called again; doubled for each further failure. Default 100. */
  readonly retryDelay?: number;
  /** The longest of these times. Default 10 000. */
  readonly maxRetryDelay?: number;
  /** Gives up the value: when the bus that uses it stops, and where the value came too late. */
  readonly dispose?: (value: T) => unknown;
}

/** A value that is made when it is first asked for. It is a component too. */
export interface Lazy<T> extends Component<Lazy<T>>, AsyncDisposable {
  /** Whether the value is there. */
  readonly isReady: boolean;
  /**
   * Returns the value itself where it is there; else a promise of it, and `create` is called once, however many ask.
   * Rejects with a `NotReadyError` where that fails, for `retryDelay` after a failure, and once the bus has stopped.
   * On workerd, give it the `ctx` of the request, so that what the request began is finished after its answer.
   */
  get(keeper?: Keeper): T | Promise<T>;
}

/** How the value of an application is made, whose owner has a log. */
export interface OwnedOptions<T> extends LazyOptions<T> {
  /** Is told of each failure to make it, since those who send requests are not told why. Default: the callers of `get` are. */
  readonly owner?: OwnLog;
}

/** One call of `create`. */
interface Making {
  readonly controller: Controller;
  /** By the clock, when it counts as failed. */
  readonly end: number;
  /** Resolves when nobody waits for it any more. */
  readonly over: Deferred<void>;
  disarm?: () => void;
}

/** Makes a value when it is first asked for; see `lazy`. */
export class LazyValue<T> implements Lazy<T> {
  readonly name: string;
  readonly dependsOn: readonly string[];
  readonly #create: (signal: Signal) => T | Promise<T>;
  readonly #within: number;
  readonly #dispose: ((value: T) => unknown) | undefined;
  readonly #backOff: BackOff;
  readonly #work: SharedWork;
  readonly #owner: OwnLog | undefined;
  readonly #log: OwnLog;
  #value: T | undefined;
  #isReady = false;
  #isClosed = false;
  #making: Making | undefined;
  /** The promises of those who wait. Where promises may be shared, there is one for all. */
  readonly #waiting = new Set<Deferred<T>>();

  constructor(create: (signal: Signal) => T | Promise<T>, options: OwnedOptions<T> = {}) {
    const { name = create.name || "lazy", within = 10_000, retryDelay = 100, maxRetryDelay = 10_000 } =
      options;
    const { dependsOn = [], dispose, owner } = options;
    this.name = name;
    this.dependsOn = dependsOn;
    this.#create = create;
    this.#within = within;
    this.#dispose = dispose;
    this.#owner = owner;
    this.#log = owner ?? new OwnLog();
    this.#backOff = new BackOff({ clock: webClock, retryDelay, maxRetryDelay });
    this.#work = new SharedWork({ clock: webClock, sleep });
  }

  get isReady(): boolean {
    return this.#isReady;
  }

  get(keeper?: Keeper): T | Promise<T> {
    return this.#isReady ? this.#value as T : this.#wait(keeper);
  }

  start({ log }: Phase): Lazy<T> {
    this.#log.use(log);
    this.#isClosed = false;
    return this;
  }

  /** Waits for a `create` that is under way, since its value is to be disposed of, too. */
  async stop(): Promise<void> {
    this.#isClosed = true;
    const making = this.#making;
    if (making) {
      making.controller.abort(namedError("AbortError", `"${this.name}" is not needed any more`));
      await making.over.promise;
    }
    if (!this.#isReady) return;
    const value = this.#value as T;
    this.#isReady = false;
    this.#value = undefined;
    await this.#dispose?.(value);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.stop();
  }

  #wait(keeper: Keeper | undefined): T | Promise<T> {
    const waiter = isBoundToRequest ? defer<T>() : this.#waiting.values().next().value ?? defer<T>();
    const refused = this.#refusal();
    if (refused) {
      waiter.reject(refused);
      return waiter.promise;
    }
    this.#waiting.add(waiter);
    const drives = this.#making === undefined;
    if (drives) this.#begin();
    // Where `create` returns a value rather than a promise, nobody has to wait.
    if (this.#isReady) return this.#value as T;
    const promise = isBoundToRequest ? this.#attend(waiter, drives) : waiter.promise;
    keeper?.waitUntil?.(promise.catch(() => {}));
    return promise;
  }

  /** Waits by timers of the request at hand, and calls `create` again where the request that called it is gone. */
  #attend({ promise }: Deferred<T>, drives: boolean): Promise<T> {
    if (drives) this.#work.drive(promise);
    return this.#work.attend(promise, {
      end: Infinity,
      late: () => {},
      due: () => this.#making?.end ?? webClock.now(),
      isUnderWay: () => this.#making !== undefined,
      takeOver: () => this.#begin(),
    });
  }

  #begin(): void {
    const controller = new web.AbortController();
    const making: Making = { controller, end: webClock.now() + this.#within, over: defer() };
    this.#making?.disarm?.();
    this.#making = making;
    let made: T | Promise<T>;
    try {
      made = this.#create(controller.signal);
    } catch (error) {
      return this.#fail(making, error);
    }
    if (!isThenable(made)) return this.#succeed(making, made);
    making.disarm = webClock.setTimer(this.#within, () => this.#expire(making));
    Promise.resolve(made).then(
      (value) => this.#succeed(making, value),
      (error) => this.#fail(making, error),
    );
  }

  #succeed(making: Making, value: T): void {
    if (!this.#finish(making)) return this.#discard(value);
    this.#backOff.reset();
    this.#value = value;
    this.#isReady = true;
    // `stop` waits for it, and disposes of it.
    if (this.#isClosed) this.#reject(this.#ended());
    else for (const waiter of this.#leave()) waiter.resolve(value);
  }

  #fail(making: Making, cause: unknown): void {
    if (!this.#finish(making)) return;
    this.#backOff.fail(cause);
    this.#reject(this.#isClosed ? this.#ended() : this.#failed());
  }

  #expire(making: Making): void {
    if (!this.#finish(making)) return;
    const message = `Cannot get "${this.name}": it was not made within ${this.#within} ms`;
    const cause = namedError("TimeoutError", message);
    this.#backOff.fail(cause);
    this.#reject(new NotReadyError(message, { kind: "late", retryAfterMs: this.#backOff.pause, cause }));
    making.controller.abort(cause);
  }

  /** Whether `making` is the one that is waited for; then it is no more. */
  #finish(making: Making): boolean {
    making.disarm?.();
    making.over.resolve();
    if (making !== this.#making) return false;
    this.#making = undefined;
    return true;
  }

  /** Disposes of a value that comes after its callers were told that it does not. */
  #discard(value: T): void {
    new Promise((resolve) => resolve(this.#dispose?.(value))).catch((error) => {
      this.#log.error(`Cannot dispose of the late value of "${this.name}": ${textOf(error)}`, error);
    });
  }

  #reject(error: NotReadyError): void {
    if (error.kind !== "ended") this.#owner?.error(error.message, error.cause);
    for (const waiter of this.#leave()) waiter.reject(error);
  }

  #leave(): Deferred<T>[] {
    const waiting = [...this.#waiting];
    this.#waiting.clear();
    return waiting;
  }

  #refusal(): NotReadyError | undefined {
    if (this.#isClosed) return this.#ended();
    const { left } = this.#backOff;
    return this.#making || left <= 0 ? undefined : this.#failed(left);
  }

  #failed(retryAfterMs: number = this.#backOff.pause): NotReadyError {
    const { error: cause } = this.#backOff;
    return new NotReadyError(`Cannot get "${this.name}": ${textOf(cause)}`, {
      kind: "failed",
      retryAfterMs,
      cause,
    });
  }

  #ended(): NotReadyError {
    return new NotReadyError(`Cannot get "${this.name}": it was stopped`, { kind: "ended" });
  }
}
