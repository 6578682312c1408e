/**
 * Work that one invocation drives and others wait for, on hosts where timers, sockets and promises end with the
 * invocation that made them.
 * @module
 */
import type { Clock } from "../../src/platform.ts";
import type { Sleep } from "./sleep.ts";

/** How invocations wait. */
export interface SharedWorkOptions {
  readonly clock: Clock;
  /** How an invocation waits for what another invocation does. */
  readonly sleep: (ms: number) => Sleep;
}

/** One invocation that waits for the work. */
export interface Attendance {
  /** The instant after which this invocation does not wait any longer. */
  readonly end: number;
  /** Called once, at that instant. */
  late(): void;
  /** The instant at which the work would have ended, or moved on, if its driver lived. It may change. */
  due(): number;
  /** Whether a driver that the host calls dead had work under way. */
  isUnderWay(): boolean;
  /** Goes on with the work from this invocation. */
  takeOver(): void;
}

/**
 * Milliseconds that the work may be overdue before its driver counts as dead. The driver's own timer ends the work on
 * time; the timer that looks here is another invocation's, and may fire first by a little.
 */
const GRACE_MS = 100;

/** The driver of one piece of work, and the way in which others wait for it. */
export class SharedWork {
  readonly #options: SharedWorkOptions;
  /**
   * A promise of the current driver, until it settles. workerd (2026-11) rejects it for other invocations when the driver
   * is dead. That is a hint only; the rule is that the work is overdue.
   */
  #driver: PromiseLike<unknown> | undefined;

  constructor(options: SharedWorkOptions) {
    this.#options = options;
  }

  /** From now on the invocation that made this promise drives the work, until the promise settles. */
  drive(own: PromiseLike<unknown>): void {
    this.#driver = own;
    const done = () => {
      if (this.#driver === own) this.#driver = undefined;
    };
    own.then(done, done);
  }

  /**
   * Waits until `settled`, a promise of this invocation alone, has settled, and passes its outcome on. Sleeps by timers of
   * this invocation, and takes over the work if its driver is gone: if the host hints at that, or if the work is overdue.
   * That is looked at twice, since in a thread that was busy all timers are late.
   */
  async attend<T>(settled: Promise<T>, attendance: Attendance): Promise<T> {
    const { clock, sleep } = this.#options;
    const { end } = attendance;
    let over = false;
    let wake = () => {};
    const done = () => {
      over = true;
      wake();
    };
    settled.then(done, done);
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
        attendance.late();
      }
      const due = attendance.due() + GRACE_MS;
      if (lost && attendance.isUnderWay() || now >= due && seen === due) {
        lost = false;
        attendance.takeOver();
        this.drive(settled);
      }
      seen = now < due ? undefined : due;
      const next = Math.max(due, now + GRACE_MS);
      const nap = sleep((told ? next : Math.min(next, end)) - now);
      wake = () => nap.wake();
      await nap.over;
    }
    return settled;
  }
}
