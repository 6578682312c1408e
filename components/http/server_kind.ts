/**
 * Which kind of server was given, told by what it is: nothing asks which runtime this is.
 * @module
 */
import { checkFunction, show } from "../../src/check.ts";
import type { Asked } from "./_node_listen.ts";
import { type BunServeLike, bunWiring } from "./bun_server.ts";
import { type DenoServeLike, denoWiring } from "./deno_server.ts";
import { type NodeServerLike, nodeWiring } from "./node_server.ts";
import { type SrvxServerLike, srvxWiring } from "./srvx_server.ts";
import type { Wiring } from "./wiring.ts";

/** The facts about a server beside its options. */
export interface ServerKind {
  /** How it is told to listen. */
  readonly wiring: Wiring;
  /** Where it was made to listen, where it says so. */
  readonly host?: string | undefined;
  readonly port?: number | undefined;
}

/** The tools that all kinds of servers use. */
interface KindOptions extends Asked {
  /** The application, for `Deno.serve` and `Bun.serve`. */
  readonly fetch?: ((request: never, more: never) => unknown) | undefined;
  /** Their own options. */
  readonly serve?: Readonly<Record<string, unknown>> | undefined;
  /** How long an idle connection is kept, in milliseconds. */
  readonly keepAliveTimeout?: number | undefined;
}

/** The options beside `serve`. */
const BESIDE = ["fetch", "handler", "hostname", "path", "port", "signal", "unix"];

/** The longest idle time that Bun takes, in seconds. */
const BUN_LONGEST = 255;

/**
 * Finds out how a server is told to listen.
 * @throws {TypeError} If it is none.
 */
export function kindOf(action: string, server: unknown, options: KindOptions): ServerKind {
  if (typeof server === "function") return kindOfFunction(action, server, options);
  const found = Object(server) as Partial<NodeServerLike & SrvxServerLike>;
  const has = (names: readonly (keyof typeof found)[]) =>
    names.every((name) => typeof found[name] === "function");
  if (has(["listen", "close", "on", "emit", "address"])) {
    return { wiring: kindOfNode(server as NodeServerLike, options) };
  }
  if (has(["serve", "fetch"]) && typeof found.runtime === "string") {
    return kindOfSrvx(action, server as SrvxServerLike, options);
  }
  throw new TypeError(
    `${action}: it is ${show(server)}, expected a server of node:http, node:https, node:http2 or srvx, ` +
      "Deno.serve or Bun.serve",
  );
}

function kindOfNode(server: NodeServerLike, { keepAliveTimeout, ...asked }: KindOptions): Wiring {
  if (keepAliveTimeout !== undefined) server.keepAliveTimeout = keepAliveTimeout;
  return nodeWiring(server, asked);
}

function kindOfFunction(action: string, server: unknown, options: KindOptions): ServerKind {
  const { fetch, serve, keepAliveTimeout } = options;
  checkFunction(action, "fetch", fetch);
  const beside = BESIDE.find((name) => Object.hasOwn(Object(serve), name));
  const isObject = typeof serve === "object" && serve !== null;
  if (beside !== undefined || (serve !== undefined && !isObject)) {
    const found = beside === undefined ? `is ${show(serve)}` : `has "${beside}"`;
    throw new TypeError(`${action}: "serve" ${found}, expected an object of the runtime's own options alone`);
  }
  checkListen(action, options);
  const application = fetch as (request: never, more: never) => unknown;
  const { Bun, Deno } = globalThis as unknown as {
    readonly [name: string]: { readonly serve?: unknown } | undefined;
  };
  if (server === Deno?.serve) {
    // Deno keeps an idle connection for as long as its client does.
    return { wiring: denoWiring(server as DenoServeLike, { fetch: application, own: serve }) };
  }
  if (server === Bun?.serve) {
    const own = { ...serve, ...idleTimeoutOf(action, keepAliveTimeout) };
    return { wiring: bunWiring(server as BunServeLike, { fetch: application, own }) };
  }
  throw new TypeError(`${action}: it is a function, expected Deno.serve or Bun.serve of the runtime in use`);
}

function kindOfSrvx(action: string, server: SrvxServerLike, options: KindOptions): ServerKind {
  const { hostname, port } = server.options as {
    readonly hostname?: string;
    readonly port?: number | string;
  };
  if (server.runtime !== "node") checkListen(action, options);
  const own = server.runtime === "bun" ? idleTimeoutOf(action, options.keepAliveTimeout) : undefined;
  return {
    wiring: srvxWiring(server, { own, node: (server) => kindOfNode(server, options) }),
    host: hostname,
    port: port === undefined ? undefined : Number(port),
  };
}

/** `Bun.serve` and `Deno.serve` listen when they are called, and take no socket. */
function checkListen(action: string, { listen, inherit }: KindOptions): void {
  if (listen !== false && inherit === undefined) return;
  const found = inherit === undefined ? '"listen" is false' : `"inherit" is "${inherit}"`;
  throw new TypeError(`${action}: ${found}, expected a server of node:http, node:https or node:http2`);
}

/** Bun counts in seconds. */
function idleTimeoutOf(action: string, ms: number | undefined): { readonly idleTimeout?: number } {
  if (ms === undefined) return {};
  const idleTimeout = Math.ceil(ms / 1000);
  if (idleTimeout <= BUN_LONGEST) return { idleTimeout };
  throw new RangeError(`${action}: "keepAliveTimeout" is ${ms}, expected at most ${BUN_LONGEST} s on Bun`);
}
