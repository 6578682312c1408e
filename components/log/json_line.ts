/**
 * A record of a bus for programs: as plain data, and as one JSON object a line.
 * @module
 */
import type { LogRecord } from "../../src/records.ts";

// Deeper than this, a value is named and not shown.
const DEPTH = 6;

/** The names of fields that are durations in milliseconds. */
const DURATION = /^(ms|running|\w+Ms)$/;

/**
 * The record as one line of JSON, with its end. It never throws, whatever is in the record. The first fields are always
 * `time` (ISO 8601), `level` and `message`; an error is `{ name, message, stack, code?, cause?, errors? }`.
 *
 * @example
 * ```ts
 * import { jsonLine } from "@sitebus/sitebus/log";
 *
 * console.log(jsonLine({ time: 0, level: "info", message: "hello", bus: "shop" }).trim());
 * // {"time":"1970-01-01T00:00:00.000Z","level":"info","message":"hello","bus":"shop"}
 * ```
 */
export function jsonLine(record: LogRecord): string {
  const { time, level, message, bus, state, error, ...rest } = record;
  const fields = plainFields({ time: timeText(time), level, message, bus, state, ...rest });
  return `${JSON.stringify({ ...fields, error: thrown(error) })}\n`;
}

/** The fields as JSON can hold them: a function, a class instance or a value that cannot be read is named in its place. */
export function plainFields(fields: object): object {
  return plain(fields, []) as object;
}

function timeText(time: number): string {
  const date = new Date(time);
  return Number.isNaN(date.getTime()) ? String(time) : date.toISOString();
}

/** The value in the form that JSON has for it; `path` holds the objects that the value is inside of. */
function plain(value: unknown, path: readonly object[]): unknown {
  if (value === null || typeof value === "string" || typeof value === "boolean") return value;
  if (typeof value === "number") return Number.isFinite(value) ? value : String(value);
  if (typeof value === "bigint" || typeof value === "symbol") return String(value);
  if (typeof value !== "object") return typeof value === "function" ? "[function]" : undefined;
  try {
    if (path.includes(value)) return "[circular]";
    const inner = [...path, value];
    if (path.length >= DEPTH) return nameOf(value);
    if (isError(value)) return plainError(value, inner);
    if (Array.isArray(value)) return value.map((one) => plain(one, inner));
    if (value instanceof Date || value instanceof URL) return value.toJSON();
    const { constructor } = value;
    // An instance of a class may hold secrets, so only its name is shown.
    if (typeof constructor === "function" && constructor !== Object) return nameOf(value);
    return Object.fromEntries(Object.keys(value).map((key) => [key, field(value, key, inner)]));
  } catch {
    return "[unreadable]";
  }
}

function plainError(error: Error, path: readonly object[]): unknown {
  const { name, message, stack, code, cause, errors } = error as Error & Record<string, unknown>;
  return {
    ...{ name: `${name}`, message: `${message}`, stack: stack && `${stack}` },
    ...{ code: plain(code, path), cause: plain(cause, path), errors: plain(errors, path) },
  };
}

/** Whether the value is an error, also one of another realm. */
function isError(value: unknown): value is Error {
  const { message, stack } = Object(value) as Partial<Error>;
  return value instanceof Error || typeof message === "string" && typeof stack === "string";
}

/** The thrown value in the form of an error, also where it is none. */
export function thrown(value: unknown): unknown {
  if (value === undefined) return undefined;
  const shown = plain(value, []);
  if (typeof (Object(shown) as Partial<Error>).message === "string") return shown;
  return { message: typeof shown === "string" ? shown : JSON.stringify(shown) };
}

function field(owner: object, key: string, path: readonly object[]): unknown {
  try {
    const value = Reflect.get(owner, key);
    // Durations are rounded to microseconds.
    return plain(
      DURATION.test(key) && typeof value === "number" ? Math.round(value * 1000) / 1000 : value,
      path,
    );
  } catch {
    return "[unreadable]";
  }
}

function nameOf(value: object): string {
  return `[${value.constructor?.name || "object"}]`;
}
