/**
 * Where the records of a bus may go: a function, a console, or a logger of the kinds of pino and winston.
 * @module
 */
import { show } from "../../src/check.ts";
import type { LogRecord } from "../../src/records.ts";
import { plainFields, thrown } from "./json_line.ts";
import { textLine } from "./text_line.ts";

/** The levels, the least important first. */
export const LEVELS = ["debug", "info", "warn", "error"] as const;

/** How much a record matters. */
export type LogLevel = LogRecord["level"];

/** The global `console`, and what has its methods. */
export interface ConsoleLike {
  /** Prints details for the search for a fault. */
  debug(text: string): void;
  /** Prints what has happened. */
  info(text: string): void;
  /** Prints what may go wrong. */
  warn(text: string): void;
  /** Prints what went wrong. */
  error(text: string): void;
}

/** A logger of pino, or one with its methods: fields first, then the message. */
export interface PinoLike extends Readonly<Record<LogLevel, (fields: object, message: string) => void>> {
  /** The fields that each of its records has; it tells pino from the others. */
  bindings(): object;
}

/** A logger of winston, or one with its method `log` and its table of levels. */
export interface WinstonLike {
  /** Takes one record. */
  log(record: { level: string; message: string; [field: string]: unknown }): unknown;
  /** Its levels by name. */
  readonly levels: object;
}

/** Where records go. */
export type LogTarget = ConsoleLike | PinoLike | WinstonLike | ((record: LogRecord) => void);

/** Writes records; `level` is the least level by default. */
export interface Writer {
  readonly level: LogLevel;
  write(record: LogRecord): void;
}

/**
 * Finds out what kind of target it is.
 * @throws {TypeError} If it is of none of these kinds.
 */
export function writerOf(action: string, target: LogTarget): Writer {
  const { bindings, log, levels } = Object(target) as Record<string, unknown>;
  if (typeof target === "function" && typeof bindings !== "function") {
    return { level: "info", write: target as (record: LogRecord) => void };
  }
  // Loggers have a level of their own, which decides.
  const hasLevels = LEVELS.every((level) => typeof Reflect.get(Object(target), level) === "function");
  if (typeof bindings === "function" && hasLevels) {
    return { level: "debug", write: (record) => toPino(target as PinoLike, record) };
  }
  if (typeof log === "function" && typeof levels === "object" && levels !== null) {
    return { level: "debug", write: (record) => toWinston(target as WinstonLike, record) };
  }
  if (hasLevels) return { level: "info", write: (record) => toConsole(target as ConsoleLike, record) };
  throw new TypeError(
    `${action}: the target is ${
      show(target)
    }, expected a function, a console, or a logger such as pino's or winston's`,
  );
}

/** Under `err` is the error itself, for which pino has a serializer; where that throws, the error as plain data. */
function toPino(logger: PinoLike, { time: _, level, message, error, ...fields }: LogRecord): void {
  const plain = plainFields(fields);
  if (error === undefined) return logger[level](plain, message);
  try {
    logger[level]({ ...plain, err: error instanceof Error ? error : thrown(error) }, message);
  } catch {
    logger[level]({ ...plain, err: thrown(error) }, message);
  }
}

function toWinston(logger: WinstonLike, { time: _, level, message, error, ...fields }: LogRecord): void {
  logger.log({ ...plainFields(fields), ...error !== undefined && { error: thrown(error) }, level, message });
}

function toConsole(console: ConsoleLike, record: LogRecord): void {
  const line = textLine(record);
  if (line !== undefined) console[record.level](line.trimEnd());
}
