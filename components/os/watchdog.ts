/**
 * Ends a process whose event loop does not turn any more.
 * @module
 */
import { checkKeys, checkMs, checkName, show } from "../../src/check.ts";
import type { Component } from "../../src/component.ts";
import { cannotKill, Watch, type WatchedBus } from "./watch.ts";

/** When a process counts as stuck. */
export interface WatchdogOptions {
  /**
   * Milliseconds in which the event loop has to turn once, at any time; at least 300. Default: it may take as long as it
   * likes, and only the states of a stop are watched, each until its deadline.
   */
  readonly stuckMs?: number;
  /** Whether its last words are a JSON object, as `jsonLine` of `sitebus/log` makes them. Default false: a line of text. */
  readonly json?: boolean;
  /** The component's name. Default "watchdog". */
  readonly name?: string;
}

/** A shorter time would end programs that only have much to do. */
const LEAST_MS = 300;

/**
 * A component that ends the process by SIGKILL where its event loop stands still: in a stop, half a second after the
 * deadline of a state whose listener never gives the thread back; with `stuckMs`, at any time, half a second after that
 * many milliseconds. Before that a thread writes a line to the standard error, with the component or channel that was
 * called last, and for how long the loop has stood still.
 *
 * The thread is started when the first stop begins, or with `stuckMs` at the start. It ends nothing while a debugger is
 * attached, and for the time during which the process was frozen.
 *
 * @example
 * ```ts ignore
 * import { watchdog } from "@sitebus/sitebus/os";
 *
 * bus.use(watchdog(bus, { stuckMs: 30_000 }));
 * ```
 * @throws {TypeError} If the bus is none, or an option is unknown.
 * @throws {RangeError} If `stuckMs` is no time, or too short.
 */
export function watchdog(bus: WatchedBus, options: WatchdogOptions = {}): Component {
  const action = "Cannot make watchdog";
  if (typeof (Object(bus) as Partial<WatchedBus>).subscribe !== "function") {
    throw new TypeError(`${action}: the bus is ${show(bus)}, expected a ProcessBus`);
  }
  checkKeys(action, options, ["stuckMs", "json", "name"]);
  const { stuckMs, json = false, name = "watchdog" } = options;
  checkName(action, name);
  if (stuckMs !== undefined && checkMs(action, "stuckMs", stuckMs) < LEAST_MS) {
    throw new RangeError(`${action}: "stuckMs" is ${stuckMs}, expected at least ${LEAST_MS}`);
  }
  let watch: Watch | undefined;
  return {
    name,
    start({ log }) {
      const missing = cannotKill();
      if (missing !== undefined) throw new Error(`Cannot start "${name}": ${missing}`);
      watch ??= new Watch(bus, { stuckMs, json, log });
    },
    stop() {
      // It is removed while the bus runs; else there is still the end of the bus to watch.
      if (bus.state !== "run") return;
      watch?.end();
      watch = undefined;
    },
  };
}
