/**
 * A server of srvx, wired to the drain as what it is made of: a server of Node, `Deno.serve` or `Bun.serve`.
 * @see https://srvx.h3.dev
 * @module
 */
import { type BunOptions, type BunServerLike, bunWiring } from "./bun_server.ts";
import { type DenoServerLike, denoWiring } from "./deno_server.ts";
import type { NodeServerLike } from "./node_server.ts";
import type { Wiring } from "./wiring.ts";

/** The members of srvx's server that are used here. */
export interface SrvxServerLike {
  /** "node", "deno" or "bun": what it is made of. */
  readonly runtime: string;
  /** The options that it was made with. */
  readonly options: { readonly gracefulShutdown?: unknown };
  /** The application. */
  readonly fetch: (request: never) => unknown;
  /** On Node: its server. */
  readonly node?: { readonly server?: unknown } | undefined;
  /** On Deno: its server, while it listens. */
  readonly deno?: { readonly server?: unknown } | undefined;
  /** On Bun: its server, while it listens. */
  readonly bun?: { readonly server?: unknown } | undefined;
  /** Listens. */
  serve(): unknown;
}

/** Properties that srvx reads when `serve` is called. */
interface Reset {
  fetch: unknown;
  serveOptions: Record<string, unknown>;
  deno: { server?: DenoServerLike | undefined };
  bun: { server?: BunServerLike | undefined };
}

const ACTION = "Cannot serve by the server of srvx";

/** How the servers that it is made of are wired. */
export interface SrvxWiringOptions {
  /** Options of `Bun.serve`, besides its own. */
  readonly own: BunOptions | undefined;
  /** Wires a server of Node. */
  readonly node: (server: NodeServerLike) => Wiring;
}

/**
 * Wires a server of srvx to the drain. It is made with `{ manual: true, gracefulShutdown: false }`: the bus says when
 * it listens and when it stops.
 *
 * @throws {TypeError} If it listens already, or stops by itself on a signal.
 */
export function srvxWiring(server: SrvxServerLike, options: SrvxWiringOptions): Wiring {
  if (server.options.gracefulShutdown !== false) {
    throw new TypeError(
      `${ACTION}: it stops by itself on a signal, which is for the bus to do; make it with "gracefulShutdown: false"`,
    );
  }
  const node = server.node?.server as NodeServerLike | undefined;
  if (node?.listening || server.deno?.server || server.bun?.server) {
    throw new TypeError(
      `${ACTION}: it listens already, which is for the bus to say; make it with "manual: true"`,
    );
  }
  if (node) return options.node(node);
  const { fetch } = server;
  const reset = server as unknown as Reset;
  const { serveOptions } = reset;
  if (server.runtime === "deno") {
    return denoWiring((options, answer) => {
      reset.serveOptions = options;
      reset.fetch = answer;
      delete reset.deno.server;
      server.serve();
      return reset.deno.server as unknown as DenoServerLike;
    }, { fetch, own: serveOptions, tellServer: true });
  }
  if (server.runtime === "bun") {
    return bunWiring((options) => {
      reset.serveOptions = options;
      delete reset.bun.server;
      server.serve();
      return reset.bun.server as unknown as BunServerLike;
    }, { fetch, own: { ...serveOptions, ...options.own } as BunOptions });
  }
  throw new TypeError(`${ACTION}: it is made for "${server.runtime}", expected "node", "deno" or "bun"`);
}
