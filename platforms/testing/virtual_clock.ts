/**
 * A clock that moves only when a test says so: hours of deadlines in a millisecond, and the same order of
 * events on every run.
 * @module
 */
import type { Clock } from "../../src/platform.ts";

/** A clock that a test moves by hand. */
export interface VirtualClock extends Clock {
  /** How many timers are set and have not fired. */
  readonly pending: number;
  /** The `now()` at which the next timer fires; undefined where none is set. */
  readonly next: number | undefined;
  /**
   * Moves time on by `ms` milliseconds and fires what is due on the way, in order of time, then of setting; all
   * microtasks run before the first timer, between two, and after the last.
   * @throws {RangeError} If `ms` is no finite number of 0 or more.
   */
  advance(ms: number): Promise<void>;
  /**
   * Runs microtasks until the bus has been at rest for a hundred turns; no time passes.
   * @throws {Error} If the bus never comes to rest, because two parts of the program keep waking each other.
   */
  flush(): Promise<void>;
}

interface Timer {
  readonly due: number;
  readonly fire: () => void;
}

/**
 * How many turns of the microtask queue without work count as rest. The queue cannot be asked whether it is empty, but a
 * bus at work reads its clock.
 */
const QUIET_TURNS = 100;
const MOST_TURNS = 1_000_000;

/** Makes a virtual clock whose `now()` begins at 0 and whose `time()` begins at `startTime`, with what its platform needs. */
export function virtualClock(startTime: number): VirtualClock & {
  /** Notes that the bus was at work. */
  touch(): void;
  /** Moves time to `end` exactly: a sum of differences may miss it by a rounding. */
  advanceTo(end: number): Promise<void>;
} {
  const timers = new Set<Timer>();
  let now = 0;
  let touches = 0;

  const touch = (): void => {
    touches++;
  };
  const earliest = (): Timer | undefined => {
    let first: Timer | undefined;
    for (const timer of timers) if (first === undefined || timer.due < first.due) first = timer;
    return first;
  };
  const flush = async (): Promise<void> => {
    let seen = touches;
    for (let turn = 0, quiet = 0; quiet < QUIET_TURNS; turn++, quiet++) {
      if (turn === MOST_TURNS) throw new Error(`Cannot flush: still busy after ${MOST_TURNS} turns`);
      await undefined;
      if (seen !== touches) quiet = 0;
      seen = touches;
    }
  };
  const advanceTo = async (end: number): Promise<void> => {
    await flush();
    for (let timer = earliest(); timer !== undefined && timer.due <= end; timer = earliest()) {
      now = Math.max(now, timer.due);
      timers.delete(timer);
      timer.fire();
      await flush();
    }
    if (end > now) {
      now = end;
      await flush();
    }
  };

  return {
    get pending() {
      return timers.size;
    },
    get next() {
      return earliest()?.due;
    },
    touch,
    time: () => {
      touch();
      return startTime + now;
    },
    now: () => {
      touch();
      return now;
    },
    setTimer: (ms, fire) => {
      touch();
      if (!(ms < Infinity)) throw new RangeError(`Cannot set a timer: "${ms}" is no time`);
      const timer = { due: now + Math.max(0, ms), fire };
      timers.add(timer);
      return () => {
        touch();
        timers.delete(timer);
      };
    },
    flush,
    advance: async (ms) => {
      if (!(ms >= 0 && ms < Infinity)) throw new RangeError(`Cannot advance the clock: "${ms}" is no time`);
      await advanceTo(now + ms);
    },
    advanceTo,
  };
}
