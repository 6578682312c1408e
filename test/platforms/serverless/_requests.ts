/**
 * A simulated host of requests that may die: the timers of a dead request never fire, so nothing that it waits for comes.
 * Everything in such a test that takes time takes it by the bus's clock.
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
  /** The clock for the bus: a timer belongs to the request that set it. */
  readonly clock: Clock;
  /** The request that the caller runs in. */
  current(): Request | undefined;
  /** Resolves after `ms`; never, if the request is dead by then. */
  sleep(ms: number): Promise<void>;
  /** Runs the body as a request of its own. */
  begin<T>(body: (request: Request) => T): T;
}

/** One storage for all hosts: on Node 22 each further storage slows every promise of the process. */
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
