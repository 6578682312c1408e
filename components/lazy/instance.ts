/**
 * One made application, the requests that it has in flight, and its end after the last of them.
 * @module
 */
import { defer, type Deferred, isThenable } from "../../src/internal.ts";
import type { LazyValue } from "./lazy_value.ts";
import { refusal } from "./refusal.ts";
import { type WebResponse, whenAnswered } from "./web_app.ts";

type Answer = WebResponse | Promise<WebResponse>;

/** The hooks before and after an answer. */
export interface AnswerOptions<T> {
  /** Gets what was made, or waits for it. Called where it is not there yet. */
  get(): T | Promise<T>;
  /** Called when the request uses it no more. */
  left(): void;
}

/** An application that is made by its first request and given up after its last one. */
export class Instance<T> {
  readonly value: LazyValue<T>;
  /** When its last request ended, where its owner wants to know. */
  usedAt = 0;
  #inFlight = 0;
  #retired: Deferred<void> | undefined;
  #isEnding = false;

  constructor(value: LazyValue<T>) {
    this.value = value;
  }

  /** Whether no request uses it. */
  get isIdle(): boolean {
    return this.#inFlight === 0;
  }

  /** A request begins to use it. */
  enter(): void {
    this.#inFlight++;
  }

  /** A request, or work that goes on after one, is done with it. */
  leave(): void {
    this.#inFlight--;
    if (this.isIdle && this.#retired) this.#end();
  }

  /**
   * Answers a request by what was made, or by 503 where that cannot be made now.
   */
  answer(serve: (made: T) => Answer, { get, left }: AnswerOptions<T>): Answer {
    const { value } = this;
    const leave = () => {
      this.leave();
      left();
    };
    this.enter();
    try {
      if (value.isReady) return whenAnswered(serve(value.get() as T), leave);
      const made = get();
      return whenAnswered(
        isThenable(made) ? (made as Promise<T>).then(serve, refusal) : serve(made as T),
        leave,
      );
    } catch (error) {
      leave();
      throw error;
    }
  }

  /** Disposes of it after its last request; settles as that does. The caller sees to it that no further request comes. */
  retire(): Promise<void> {
    this.#retired ??= defer();
    if (this.isIdle) this.#end();
    return this.#retired.promise;
  }

  /** Disposes of it, where it was to be, although requests use it. */
  cut(): void {
    if (this.#retired) this.#end();
  }

  #end(): void {
    if (this.#isEnding) return;
    this.#isEnding = true;
    const { resolve, reject } = this.#retired!;
    this.value.stop().then(resolve, reject);
  }
}
