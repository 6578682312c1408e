/**
 * The smallest legal platform: no signals, no process, promises alone. Read it to write your own.
 * @module
 */
import { web } from "./_web.ts";
import { textOf } from "./errors.ts";
import type { Clock, Platform, Traits } from "./platform.ts";
import { webClock } from "./web_clock.ts";

/**
 * Makes a platform for a bus that its own program drives: for a script, a test, or a host of your own.
 * @param options `clock`: its time, by default the web's timers; `traits`: where they differ from a long-lived process.
 *
 * @example
 * ```ts
 * import { inline, ProcessBus } from "@sitebus/sitebus";
 *
 * const bus = new ProcessBus({ platform: inline() });
 * bus.subscribe("stop", () => console.log("stopped"));
 * await bus.start();
 * await bus.exit(3);
 * console.log(await bus.block()); // 3
 * ```
 */
export function inline(
  options: { readonly clock?: Clock; readonly traits?: Partial<Traits> } = {},
): Platform {
  const { clock = webClock } = options;
  return {
    name: "inline",
    traits: {
      lifetime: "long",
      concurrency: "many",
      instances: "one",
      background: "runs",
      ioOutsideRequests: true,
      notice: "none",
      ...options.traits,
    },
    clock,
    attach() {},
    async park(until) {
      // A timer keeps the process alive.
      const disarm = clock.setTimer(Number.MAX_SAFE_INTEGER, () => {});
      await until.catch(() => {});
      disarm();
    },
    report({ level, message, error }) {
      web.console.error(`${level}: ${message}`, ...error === undefined ? [] : [textOf(error)]);
    },
    leave() {},
  };
}
