/**
 * Which kind of server was given, told by what it is: nothing asks which runtime this is.
 * @module
 */
import { checkFunction, show } from "../../src/check.ts";
import { type BunServeLike, bunWiring } from "./bun_server.ts";
import { type DenoServeLike, denoWiring } from "./deno_server.ts";
import type { FetchLike } from "./health_conflict.ts";
import { type NodeServerLike, nodeWiring } from "./node_server.ts";
import { type SrvxServerLike, srvxWiring } from "./srvx_server.ts";
import type { Wiring } from "./wiring.ts";

/** What is known of a server beside its options. */
export interface ServerKind {
  /** How it is told to listen. */
  readonly wiring: Wiring;
  /** The application, where it is a function. */
  readonly fetch?: FetchLike;
  /** Where it was made to listen, where it says so. */
  readonly host?: string | undefined;
  readonly port?: number | undefined;
}

interface ServeOptions {
  readonly fetch?: FetchLike | undefined;
  readonly serve?: Readonly<Record<string, unknown>> | undefined;
}

/** What stands beside `serve`, and not in it. */
const BESIDE = ["fetch", "handler", "hostname", "path", "port", "signal", "unix"];

/**
 * Finds out how a server is told to listen.
 * @throws {TypeError} Where it is none.
 */
export function wiringOf(action: string, server: unknown, options: ServeOptions): ServerKind {
  if (typeof server === "function") return kindOfFunction(action, server, options);
  const found = Object(server) as Partial<NodeServerLike & SrvxServerLike>;
  const has = (names: readonly (keyof typeof found)[]) =>
    names.every((name) => typeof found[name] === "function");
  if (has(["listen", "close", "on", "emit", "address"])) {
    return { wiring: nodeWiring(server as NodeServerLike) };
  }
  if (has(["serve", "fetch"]) && typeof found.runtime === "string") {
    return kindOfSrvx(server as SrvxServerLike);
  }
  throw new TypeError(
    `${action}: it is ${show(server)}, expected a server of node:http, node:https, node:http2 or srvx, ` +
      "Deno.serve or Bun.serve",
  );
}

function kindOfFunction(action: string, server: unknown, { fetch, serve }: ServeOptions): ServerKind {
  checkFunction(action, "fetch", fetch);
  const beside = BESIDE.find((name) => Object.hasOwn(Object(serve), name));
  const isObject = typeof serve === "object" && serve !== null;
  if (beside !== undefined || (serve !== undefined && !isObject)) {
    const found = beside === undefined ? `is ${show(serve)}` : `has "${beside}"`;
    throw new TypeError(`${action}: "serve" ${found}, expected an object of the runtime's own options alone`);
  }
  const application = fetch as FetchLike;
  const all = { fetch: application, own: serve };
  const { Bun, Deno } = globalThis as unknown as {
    readonly [name: string]: { readonly serve?: unknown } | undefined;
  };
  if (server === Deno?.serve) return { wiring: denoWiring(server as DenoServeLike, all), fetch: application };
  if (server === Bun?.serve) return { wiring: bunWiring(server as BunServeLike, all), fetch: application };
  throw new TypeError(`${action}: it is a function, expected Deno.serve or Bun.serve of the runtime in use`);
}

function kindOfSrvx(server: SrvxServerLike): ServerKind {
  const { hostname, port } = server.options as {
    readonly hostname?: string;
    readonly port?: number | string;
  };
  return {
    wiring: srvxWiring(server),
    fetch: (request: never) => server.fetch(request),
    host: hostname,
    port: port === undefined ? undefined : Number(port),
  };
}
