/**
 * One request at a time, for an application that cannot answer two at once.
 * @module
 */
import { checkKeys, checkMs, show } from "../../src/check.ts";
import { isThenable, type Signal } from "../../src/internal.ts";
import { webClock } from "../../src/web_clock.ts";
import { NotReadyError } from "../../platforms/serverless/not_ready_error.ts";
import { SharedWork } from "../../platforms/serverless/shared_work.ts";
import { isBoundToRequest, sleep } from "./request_bound.ts";
import { refusal } from "./refusal.ts";
import {
  type FetchLike,
  fetchOf,
  signalOf,
  type WebApp,
  type WebRequest,
  type WebResponse,
  whenAnswered,
} from "./web_app.ts";

/** How requests wait for each other. */
export interface SerializeOptions {
  /** How many requests may wait; a further one is answered by 503. Default 100. */
  readonly queue?: number;
  /** Milliseconds that a request may wait; then, or up to an eighth later, it is answered by 503. Default 10 000. */
  readonly within?: number;
}

/** An application that answers one request at a time. */
export interface SerialApp<A extends readonly unknown[] = readonly unknown[]> extends WebApp<A> {
  /** How many requests wait. */
  readonly waiting: number;
}

const ACTION = "Cannot serialize the application";

/** How many times the time is looked at while a request waits for as long as it may. */
const LOOKS = 16;

/** A request that waits: a link in the queue. */
class Waiter {
  /** The instant after which it does not wait any longer. */
  readonly end: number;
  /** Resolves when it has the lock, or to why it has not. */
  readonly settled: Promise<NotReadyError | undefined>;
  resolve!: (error: NotReadyError | undefined) => void;
  isWaiting = true;
  before: Waiter | undefined = undefined;
  after: Waiter | undefined = undefined;
  signal: Signal | undefined = undefined;
  leave: (() => void) | undefined = undefined;

  constructor(end: number) {
    this.end = end;
    this.settled = new Promise((resolve) => this.resolve = resolve);
  }
}

class Serial<A extends readonly unknown[]> implements SerialApp<A> {
  readonly fetch: FetchLike<A>;
  readonly #app: FetchLike<A>;
  readonly #queue: number;
  readonly #within: number;
  readonly #work: SharedWork = new SharedWork({ clock: webClock, sleep });
  /** The queue: in the order in which they came, and so in that of their ends, too. */
  #first: Waiter | undefined = undefined;
  #last: Waiter | undefined = undefined;
  #count = 0;
  #isBusy = false;
  /** How often the lock was given. Whoever has it knows by this number whether it was taken away. */
  #turn = 0;
  /** When the lock was given, on workerd. */
  #since = 0;
  #isArmed = false;
  /** The instant of the last look: to ask for the time costs as much as all else that a request needs to wait. */
  #now = 0;

  constructor(app: FetchLike<A>, { queue = 100, within = 10_000 }: SerializeOptions) {
    this.#app = app;
    this.#queue = queue;
    this.#within = within;
    this.fetch = (request, ...rest) => {
      if (this.#isBusy) return this.#wait(request, rest);
      this.#isBusy = true;
      return this.#run(request, rest);
    };
  }

  get waiting(): number {
    return this.#count;
  }

  #run(request: WebRequest, rest: A): WebResponse | Promise<WebResponse> {
    const turn = ++this.#turn;
    let answer: WebResponse | Promise<WebResponse>;
    try {
      answer = this.#app(request, ...rest);
    } catch (error) {
      this.#pass(turn);
      throw error;
    }
    this.#drive(answer);
    return whenAnswered(answer, () => this.#pass(turn));
  }

  /** Gives the lock to the next one, where it was not taken away meanwhile. */
  #pass(turn: number): void {
    if (turn !== this.#turn) return;
    const next = this.#first;
    if (!next) {
      this.#isBusy = false;
      return;
    }
    if (isBoundToRequest) this.#since = webClock.now();
    this.#settle(next, undefined);
  }

  #wait(request: WebRequest, rest: A): WebResponse | Promise<WebResponse> {
    if (this.#count >= this.#queue) return refusal(this.#late(`${this.#queue} requests wait already`));
    const signal = signalOf(request);
    if (signal?.aborted) return refusal(GONE);
    const waiter = new Waiter(this.#endOfWait());
    this.#add(waiter);
    if (signal) {
      waiter.signal = signal;
      waiter.leave = () => this.#settle(waiter, GONE);
      signal.addEventListener("abort", waiter.leave);
    }
    return this.#runInTurn(waiter, request, rest);
  }

  /** A request runs in its own async context, and not in that of the request before. */
  async #runInTurn(waiter: Waiter, request: WebRequest, rest: A): Promise<WebResponse> {
    const error = await this.#turnOf(waiter);
    if (error) return refusal(error);
    const turn = ++this.#turn;
    try {
      const answer = this.#app(request, ...rest);
      this.#drive(answer);
      return await answer;
    } finally {
      this.#pass(turn);
    }
  }

  #drive(answer: WebResponse | Promise<WebResponse>): void {
    if (!isBoundToRequest || !isThenable(answer)) return;
    this.#since = webClock.now();
    this.#work.drive(answer as Promise<WebResponse>);
  }

  /** The instant at which a request that comes now has waited for too long; up to two looks later than it has. */
  #endOfWait(): number {
    if (isBoundToRequest) return webClock.now() + this.#within;
    if (!this.#isArmed) {
      this.#now = webClock.now();
      this.#arm();
    }
    return this.#now + this.#within * (1 + 1 / LOOKS);
  }

  #add(waiter: Waiter): void {
    const last = this.#last;
    this.#last = waiter;
    this.#count++;
    waiter.before = last;
    if (last) last.after = waiter;
    else this.#first = waiter;
  }

  /** Tells a request that it has the lock, or why it has not. */
  #settle(waiter: Waiter, error: NotReadyError | undefined): void {
    if (!waiter.isWaiting) return;
    waiter.isWaiting = false;
    const { signal, leave, before, after } = waiter;
    this.#count--;
    if (before) before.after = after;
    else this.#first = after;
    if (after) after.before = before;
    else this.#last = before;
    if (leave) signal!.removeEventListener("abort", leave);
    waiter.resolve(error);
  }

  /** Waits for the lock. Where no request may wait for another one's promise, it wakes by a timer of its own. */
  #turnOf(waiter: Waiter): Promise<NotReadyError | undefined> {
    const { settled, end } = waiter;
    if (!isBoundToRequest) return settled;
    return this.#work.attend(settled, {
      end,
      late: () => this.#settle(waiter, this.#late(`it has waited for ${this.#within} ms`)),
      due: () => this.#since + this.#within,
      isUnderWay: () => this.#isBusy,
      takeOver: () => this.#pass(this.#turn),
    });
  }

  /** One timer for all: the first in the queue is the first whose time is over. It keeps no process alive. */
  #arm(): void {
    this.#isArmed = true;
    const timer = setTimeout(() => this.#look(), Math.ceil(this.#within / LOOKS));
    (timer as { unref?(): unknown }).unref?.();
  }

  /** Refuses those that have waited for too long. */
  #look(): void {
    this.#isArmed = false;
    const now = this.#now = webClock.now();
    for (let first = this.#first; first && first.end <= now; first = this.#first) {
      this.#settle(first, this.#late(`it has waited for ${this.#within} ms`));
    }
    if (this.#first) this.#arm();
  }

  #late(why: string): NotReadyError {
    return new NotReadyError(`Cannot serve the request: ${why}`, { kind: "late", retryAfterMs: 1_000 });
  }
}

/** Nobody waits for the answer. */
const GONE = new NotReadyError("Cannot serve the request: its client has gone", { kind: "ended" });

/**
 * Makes an application that answers one request at a time, in the order in which they came: the global lock. A
 * request is over when its answer was returned, or has failed; a body that is streamed after that is not waited for.
 * Where `queue` requests wait already, or one has waited for longer than `within`, it is answered by 503 with
 * `Retry-After`; one whose client goes away waits no longer.
 *
 * On workerd, a request that has had the lock for longer than `within` loses it to the next one, since it may have
 * ended without a word. The lock is that of one isolate: other threads, processes and instances have their own.
 *
 * @throws {TypeError} If the application is none, or an option is unknown.
 * @throws {RangeError} If a number is out of range.
 *
 * @example
 * ```ts
 * import { serialize } from "@sitebus/sitebus/lazy";
 *
 * let atOnce = 0;
 * const app = serialize(async () => {
 *   const found = ++atOnce;
 *   await new Promise((resolve) => setTimeout(resolve, 1));
 *   atOnce--;
 *   return new Response(String(found));
 * });
 * const answers = await Promise.all(Array.from({ length: 3 }, () => app.fetch(new Request("http://127.0.0.1/"))));
 * console.log(await Promise.all(answers.map((answer) => answer.text()))); // [ "1", "1", "1" ]
 * ```
 */
export function serialize<A extends readonly unknown[] = readonly unknown[]>(
  app: WebApp<A> | FetchLike<A>,
  options: SerializeOptions = {},
): SerialApp<A> {
  checkKeys(ACTION, options, ["queue", "within"]);
  const { queue = 0, within = 0 } = options;
  if (!Number.isInteger(queue) || queue < 0) {
    throw new RangeError(`${ACTION}: "queue" is ${show(queue)}, expected a whole number from 0`);
  }
  checkMs(ACTION, "within", within);
  return new Serial(fetchOf<A>(ACTION, app), options);
}
