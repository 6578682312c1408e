/**
 * How a server of Node's begins to listen, or is found listening, and how its listener is closed alone.
 * @module
 */
import type { NodeServerLike } from "./_node_like.ts";
import { type Place, urlOf } from "./place.ts";

/** The options that were given, as opposed to defaults. */
export interface Asked {
  /** Whether the bus tells the server to listen, unless somebody has already. Default true. */
  readonly listen?: boolean | undefined;
  readonly port?: number | undefined;
  readonly path?: string | undefined;
  /** The name of the inherited socket to listen on. */
  readonly inherit?: string | undefined;
}

/**
 * Whether somebody else has told the server to listen. Where that is pending, while a name is looked up, this waits.
 * `failure` is the error with which the server failed before.
 * @throws {Error} If the server cannot listen.
 */
export async function isToldToListen(server: NodeServerLike, failure: unknown): Promise<boolean> {
  if (server.listening) return true;
  // Node and Deno count each `listen` and each `close`, from 1 on: it is even after a `listen`. Bun listens at once.
  const { _listeningId: count } = server as { readonly _listeningId?: unknown };
  const isPending = typeof count === "number" && count % 2 === 0;
  if (!isPending && failure === undefined) return false;
  try {
    if (failure !== undefined) throw failure;
    await outcomeOf(server, () => {});
  } catch (cause) {
    throw new Error(`Cannot use a server that was told to listen: ${(cause as Error).message}`, { cause });
  }
  return true;
}

/**
 * Checks that a server which somebody else has told to listen is where it was asked for.
 * @throws {Error} If it is elsewhere.
 */
export function checkAdopted(found: Place, { port, path }: Asked): void {
  const isElsewhere = (path !== undefined && found.path !== path) ||
    (port !== undefined && port !== 0 && (found.path !== undefined || found.port !== port));
  if (!isElsewhere) return;
  const wanted = path === undefined ? `port ${port}` : `"${path}"`;
  const where = urlOf(found, false).replace(/^http:\/\/|\/$/g, "");
  throw new Error(`Cannot listen on ${wanted}: the server was told to listen on ${where} already`);
}

/** Tells a server to listen. */
export function listen(server: NodeServerLike, { host, port, path }: Place): Promise<void> {
  return outcomeOf(server, () => server.listen(path === undefined ? { host, port } : { path }));
}

/** Resolves when the server listens after `begin`, and rejects where it cannot. */
export function outcomeOf(
  server: Pick<NodeServerLike, "on" | "removeListener">,
  begin: () => unknown,
): Promise<void> {
  return new Promise((resolve, reject) => {
    const settle = () => {
      server.removeListener("listening", up);
      server.removeListener("error", fail);
    };
    const up = () => {
      settle();
      resolve();
    };
    const fail = (error: unknown) => {
      settle();
      reject(error);
    };
    server.on("listening", up);
    server.on("error", fail);
    try {
      begin();
    } catch (error) {
      fail(error);
    }
  });
}

/** Closes the listener alone. Resolves when the server's last connection has ended. */
export function closeListener(server: Pick<NodeServerLike, "listening" | "close">): Promise<void> {
  return new Promise((resolve) => {
    if (!server.listening) return resolve();
    // `close` would call it, and cut what a request is just arriving on, and answers that are not read to their end.
    const restores = [server, ...innerServers(server)].map((one) => {
      const own = Object.getOwnPropertyDescriptor(one, "closeIdleConnections");
      Object.defineProperty(one, "closeIdleConnections", { configurable: true, value: () => 0 });
      return () => {
        if (own) Object.defineProperty(one, "closeIdleConnections", own);
        else Reflect.deleteProperty(one, "closeIdleConnections");
      };
    });
    server.close(() => resolve());
    for (const restore of restores) restore();
  });
}

/** Bun keeps a server of its own behind that of `node:http`, under a symbol, and calls that one's. */
function innerServers(server: object): object[] {
  return Object.getOwnPropertySymbols(server).flatMap((key) => {
    const inner: unknown = Reflect.get(server, key);
    return typeof inner === "object" && inner !== null && "closeIdleConnections" in inner ? [inner] : [];
  });
}

/** Where a server really listens; `adopted`: its host is not the one of the options. */
export function placeOf(
  server: Pick<NodeServerLike, "address">,
  { host, port }: Place,
  adopted: boolean,
): Place {
  const address = server.address();
  if (typeof address === "string") return { host, port, path: address };
  // No runtime tells the path of a unix socket that was inherited: Node and Deno say null, and Bun says {}.
  if (adopted && address?.address === undefined) return { host, port, path: "" };
  return { host: adopted && address ? address.address : host, port: address?.port ?? port };
}
