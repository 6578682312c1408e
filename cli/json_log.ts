/**
 * The log of a bus for programs: one JSON object a line.
 * @module
 */
import type { LogRecord } from "../mod.ts";

// Deeper than this, a value is named and not shown.
const DEPTH = 6;

/** The record as one line, with its end; whatever is in it. The first fields are always there: time (ISO 8601), level, message. */
export function jsonLine(record: LogRecord): string {
  const { time, level, message, bus, state, error, ...rest } = record;
  const fields = plain({ time: timeText(time), level, message, bus, state, ...rest }, []) as object;
  return `${JSON.stringify({ ...fields, error: thrown(error) })}\n`;
}

function timeText(time: number): string {
  const date = new Date(time);
  return Number.isNaN(date.getTime()) ? String(time) : date.toISOString();
}

/** What JSON has a form for, in that form; `path` is what the value is in. */
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
    // Of an instance of a class nobody knows what is in it, and for whom.
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

/** Of a foreign realm, too. */
function isError(value: unknown): value is Error {
  const { message, stack } = Object(value) as Partial<Error>;
  return value instanceof Error || typeof message === "string" && typeof stack === "string";
}

/** What was thrown in the form of an error, which it may not be. */
function thrown(value: unknown): unknown {
  if (value === undefined) return undefined;
  const shown = plain(value, []);
  if (typeof (Object(shown) as Partial<Error>).message === "string") return shown;
  return { message: typeof shown === "string" ? shown : JSON.stringify(shown) };
}

function field(owner: object, key: string, path: readonly object[]): unknown {
  try {
    const value = Reflect.get(owner, key);
    // Of a time nobody wants the nanoseconds.
    return plain(key === "ms" && typeof value === "number" ? Math.round(value * 1000) / 1000 : value, path);
  } catch {
    return "[unreadable]";
  }
}

function nameOf(value: object): string {
  return `[${value.constructor?.name || "object"}]`;
}
