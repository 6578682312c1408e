/**
 * The time of a process that has the web's timers: all of Node, Deno, Bun and workerd.
 * @module
 */
import { web } from "./_web.ts";
import { LONGEST_MS } from "./check.ts";
import type { Clock } from "./platform.ts";

/** Wall and monotonic time, and timers of any length that never fire early. */
export const webClock: Clock = {
  time: () => Date.now(),
  now: () => web.performance.now(),
  setTimer(ms, fire) {
    const due = webClock.now() + ms;
    const wait = (left: number) => web.setTimeout(look, Math.min(Math.max(0, Math.ceil(left)), LONGEST_MS));
    const look = () => {
      const left = due - webClock.now();
      if (left > 0) timer = wait(left);
      else fire();
    };
    let timer = wait(ms);
    return () => web.clearTimeout(timer);
  },
};
