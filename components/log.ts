/**
 * The log of a bus, to a console or to the logger of the application: what the command `sitebus` prints, as a function.
 *
 * @example
 * ```ts
 * import { inline, ProcessBus } from "@sitebus/sitebus";
 * import { logTo } from "@sitebus/sitebus/log";
 *
 * const bus = new ProcessBus({ name: "shop", platform: inline() });
 * logTo(bus, console);
 * bus.use({ name: "db", start: () => "connection" });
 * await bus.start(); // shop: db is up in 0 ms, shop: ready in 12 ms
 * await bus.exit(); // shop: stopping, …, shop: stopped in 1 ms, exit code 0
 * ```
 * @module
 */
import { checkKeys, checkMs, show } from "../src/check.ts";
import type { Subscription } from "../src/bus.ts";
import type { LogRecord } from "../src/records.ts";
import type { ProcessBus } from "../src/process_bus.ts";
import { Follower, type ServerHandle } from "./log/follow.ts";
import { remind } from "./log/remind.ts";
import { LEVELS, type LogLevel, type LogTarget, writerOf } from "./log/target.ts";

export type { ServerHandle, ServerValue } from "./log/follow.ts";
export { jsonLine } from "./log/json_line.ts";
export type { LoggedCall } from "./log/pending.ts";
export type { ConsoleLike, LogLevel, LogTarget, PinoLike, WinstonLike } from "./log/target.ts";
export { textLine, type TextLineOptions, type TextStyle } from "./log/text_line.ts";

/** The records that are written, and how often. */
export interface LogToOptions {
  /**
   * The least level that is written. Default "info"; for a logger of pino or winston "debug", since it has a level of
   * its own.
   */
  readonly level?: LogLevel;
  /** Components that are servers: their addresses, and their requests in flight, are written as well. Default none. */
  readonly servers?: readonly ServerHandle[];
  /** Milliseconds between two records of what a start or a stop waits for; `Infinity`: no such records. Default 5000. */
  readonly pendingEvery?: number;
}

const ACTION = "Cannot log";

/**
 * Writes the log of a bus to `target` from now on: the global `console`, a logger of pino or winston, or a function that
 * takes each record. While a start or a stop is under way, a record of the event `pending` says every `pendingEvery` which
 * calls it waits for, how many requests are in flight, and how much time is left.
 *
 * A console gets the lines for people that the command prints. A logger of pino gets the fields and the message at the
 * record's level, with an error under `err`; one of winston gets the same by `log`, with an error under `error`.
 *
 * An error of the target is logged by the bus and reaches nobody else. Dispose of the result to end the writing.
 *
 * @throws {TypeError} If the target is none of these, or an option is unknown or of a wrong type.
 * @throws {RangeError} If `pendingEvery` is not positive.
 *
 * @example
 * ```ts ignore
 * import pino from "pino";
 *
 * const logger = pino();
 * logTo(bus, logger);
 * ```
 */
export function logTo(bus: ProcessBus, target: LogTarget, options: LogToOptions = {}): Subscription {
  checkKeys(ACTION, options, ["level", "servers", "pendingEvery"]);
  const writer = writerOf(ACTION, target);
  const { level = writer.level, servers = [], pendingEvery = 5000 } = options;
  if (!LEVELS.includes(level)) {
    throw new TypeError(`${ACTION}: "level" is ${show(level)}, expected one of ${LEVELS.join(", ")}`);
  }
  if (pendingEvery !== Infinity) checkMs(ACTION, "pendingEvery", pendingEvery);
  if (pendingEvery <= 0) {
    throw new RangeError(`${ACTION}: "pendingEvery" is ${pendingEvery}, expected more than 0`);
  }
  const wanted = new Set(LEVELS.slice(LEVELS.indexOf(level)));
  const emit = (record: LogRecord) => {
    if (wanted.has(record.level)) writer.write(record);
  };
  // The bus catches the errors of the target for records on `log`; the others are caught here.
  const emitOwn = (record: LogRecord) => {
    try {
      emit(record);
    } catch (error) {
      bus.log("The target of the log has failed", { level: "error", error });
    }
  };
  const follower = new Follower(bus, { servers, emit: emitOwn });
  const log = bus.subscribe("log", (record) => emit(follower.follow(record)), { name: "log" });
  const stopReminders = pendingEvery === Infinity
    ? () => {}
    : remind(bus, { follower, every: pendingEvery, emit: emitOwn });
  const unsubscribe = () => {
    stopReminders();
    follower.close();
    return log.unsubscribe();
  };
  return { unsubscribe, [Symbol.dispose]: () => void unsubscribe() };
}
