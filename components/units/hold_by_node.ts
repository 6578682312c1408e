/**
 * A socket held by Node itself: bound, and listened on by the units alone.
 * @module
 */
import net from "node:net";

/** A socket that is bound. */
export interface BoundByNode {
  readonly fd: number;
  /** The real port; undefined on a unix socket. */
  readonly port: number | undefined;
  close(): void;
}

interface BoundSocketLike {
  fd(): number;
  address(): { readonly port?: number } | string | null;
  close(): void;
}

/** Node's own means, by version: the class since 24.21 and 26.4, the function that `node:cluster` uses before. */
interface NetLike {
  readonly BoundSocket?: new (
    options: { readonly host?: string; readonly port?: number; readonly path?: string },
  ) => BoundSocketLike;
  readonly _createServerHandle?: (host: string, port: number, family: number) => HandleLike | number;
}

interface HandleLike {
  readonly fd: number;
  getsockname?(out: { port?: number }): number;
  close(): void;
}

/** Where to bind; an address, no name. */
export type BindPlace =
  | { readonly address: string; readonly family: 4 | 6; readonly port: number }
  | { readonly path: string };

/**
 * Binds a socket.
 * @throws {Error} With the code of the operating system, such as EADDRINUSE.
 */
export function bindByNode(place: BindPlace): BoundByNode {
  const { BoundSocket, _createServerHandle } = net as unknown as NetLike;
  if (BoundSocket !== undefined) {
    const socket = new BoundSocket("path" in place ? place : { host: place.address, port: place.port });
    const address = socket.address();
    const port = typeof address === "object" ? address?.port : undefined;
    return { fd: socket.fd(), port, close: () => socket.close() };
  }
  if (_createServerHandle === undefined) throw new Error("this version of Node cannot hold a socket");
  const made = "path" in place
    ? _createServerHandle(place.path, -1, -1)
    : _createServerHandle(place.address, place.port, place.family);
  if (typeof made === "number") throw systemError(made);
  if ("path" in place) return { fd: made.fd, port: undefined, close: () => made.close() };
  // A port that is taken is told nowhere else.
  const found: { port?: number } = {};
  made.getsockname?.(found);
  if (found.port !== undefined && found.port > 0) {
    return { fd: made.fd, port: found.port, close: () => made.close() };
  }
  made.close();
  throw Object.assign(new Error("the port is taken"), { code: "EADDRINUSE" });
}

function systemError(number: number): Error {
  return Object.assign(new Error(`the operating system refused it (${number})`), { errno: number });
}
