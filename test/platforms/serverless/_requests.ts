/**
 * A pretended host of requests that die: whatever a dead one waits for never comes, and its timers never fire. All
 * that takes time in such a test takes it by the bus's clock, so that nothing else could go on either.
 * @module
 */
import { AsyncLocalStorage } from "node:async_hooks";
import type { Clock } from "../../../src/platform.ts";

/** One request. */
export interface Request {
  dead: boolean;
}

/** The requests of one host. */
export interface Requests {
  /** The clock for the bus: a timer is of the request that set it. */
  readonly clock: Clock;
  /** The request that this is called in. */
  current(): Request | undefined;
  /** Resolves after `ms`; never, where the request is dead by then. */
  sleep(ms: number): Promise<void>;
  /** Does something as a request of its own. */
  begin<T>(body: (request: Request) => T): T;
}

/** One for all: on Node 22 each further one costs every promise of the process. */
const storage = new AsyncLocalStorage<Request>();

/** Makes a host of requests on a clock. */
export function makeRequests(clock: Clock): Requests {
  const setTimer = (ms: number, fire: () => void) => {
    const request = storage.getStore();
    return clock.setTimer(ms, () => {
      if (!request) fire();
      else if (!request.dead) storage.run(request, fire);
    });
  };
  return {
    clock: { time: clock.time, now: clock.now, setTimer },
    current: () => storage.getStore(),
    sleep: (ms) => new Promise((resolve) => void setTimer(ms, resolve)),
    begin(body) {
      const request: Request = { dead: false };
      return storage.run(request, () => body(request));
    },
  };
}
