/**
 * Where a server listens: a host and a port, or a unix socket.
 * @module
 */
import { show } from "../../src/check.ts";

/** Where a server listens. */
export interface Place {
  readonly host: string;
  readonly port: number;
  /** A unix socket instead of host and port. */
  readonly path?: string | undefined;
  /** The permissions of the unix socket. Default: what the umask of the process leaves. */
  readonly mode?: number | undefined;
}

/** The place as a URL. */
export function urlOf({ host, port, path }: Place, secure: boolean): string {
  if (path !== undefined) return `unix:${path}`;
  return `${secure ? "https" : "http"}://${host.includes(":") ? `[${host}]` : host}:${port}/`;
}

/** Checks that `port` is a port. */
export function checkPort(action: string, field: string, port: unknown): void {
  if (Number.isInteger(port) && (port as number) >= 0 && (port as number) <= 65_535) return;
  throw new RangeError(`${action}: "${field}" is ${show(port)}, expected a port from 0 to 65535`);
}

/** Checks that `text` is a string that is not empty. */
export function checkText(action: string, field: string, text: unknown, expected: string): void {
  if (typeof text === "string" && text !== "") return;
  throw new TypeError(`${action}: "${field}" is ${show(text)}, expected ${expected}`);
}

/** Checks that `mode` is the permissions of a file. */
export function checkMode(action: string, field: string, mode: unknown): void {
  if (Number.isInteger(mode) && (mode as number) >= 0 && (mode as number) <= 0o777) return;
  throw new RangeError(`${action}: "${field}" is ${show(mode)}, expected permissions from 0 to 0o777`);
}
