/**
 * Refuses what is no place to listen at.
 * @module
 */
import { show } from "../../src/check.ts";

/** Refuses what is no port. */
export function checkPort(action: string, field: string, port: unknown): void {
  if (Number.isInteger(port) && (port as number) >= 0 && (port as number) <= 65_535) return;
  throw new RangeError(`${action}: "${field}" is ${show(port)}, expected a port from 0 to 65535`);
}

/** Refuses what is no host, and no path of a socket. */
export function checkText(action: string, field: string, text: unknown, expected: string): void {
  if (typeof text === "string" && text !== "") return;
  throw new TypeError(`${action}: "${field}" is ${show(text)}, expected ${expected}`);
}
