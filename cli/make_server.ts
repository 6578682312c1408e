/**
 * The server of `sitebus serve`. srvx makes one of node:http, `Deno.serve` or `Bun.serve` for a fetch function; a function
 * of Node's style has a server of node:http on every runtime, whose requests know the client.
 * @module
 */
import { serve, type Server } from "srvx";
import { type NodeServerLike, requestSignal } from "../components/http.ts";
import type { KeyPairText } from "../components/reload/key_pair.ts";
import type { Answer } from "./answer.ts";
import type { NodeFetch } from "./module.ts";
import { connectionInUnit, refuseUpgrades } from "./unit_connection.ts";

/** The options of the server. */
export interface MakeServerOptions {
  /** Answers the requests. */
  readonly answer: Answer;
  /** Makes it one of HTTPS. */
  readonly tls?: KeyPairText | undefined;
  /** Milliseconds that a connection may be idle. */
  readonly keepAlive: number;
  /** Whether it listens on an inherited socket, which only a server of Node's can. Default false. */
  readonly inUnit?: boolean;
}

const isBun = "Bun" in globalThis;
const isNode = !isBun && !("Deno" in globalThis);

/** Makes a server that does not listen: when it does, where, and when it stops, is for the bus to say. */
export async function makeServer(options: MakeServerOptions): Promise<Server | NodeServerLike> {
  const { answer, tls, keepAlive, inUnit = false } = options;
  if ("node" in answer) {
    const server = await nodeServer(answer, options);
    return Object.assign(server, { keepAliveTimeout: keepAlive });
  }
  // Deno.serve and Bun.serve keep their certificate for as long as they live, and take no socket.
  const byNode = inUnit || (tls !== undefined && !isNode);
  const make = byNode ? (await import("srvx/node")).serve : serve;
  const connection = byNode ? connectionInUnit : connectionOf;
  if (byNode && !inUnit) refuseUpgrades();
  const server = make({
    fetch: (request) => {
      if (byNode && isBun) giveSignal(request);
      return answer.fetch(request, connection(request));
    },
    // The bus says the port; but without one, srvx would read the environment, and refuse what it finds there.
    port: 0,
    manual: true,
    silent: true,
    gracefulShutdown: false,
    ...tls && { tls },
    // Deno crashes where clients of HTTP/2 leave, and Bun hands such a server no connections in a unit. Outside of one, it is
    // the one server of Bun that can be given another certificate.
    ...byNode && { node: { http2: tls !== undefined && (isNode || isBun && !inUnit) } },
    // Bun would cut a request that is silent for 10 s; the others have no such limit, and 255 s is Bun's longest.
    bun: { idleTimeout: 255 },
  });
  // Deno closes no idle connection, and Bun none before the 255 s.
  const { server: node } = server.node ?? {};
  if (node && "keepAliveTimeout" in node) node.keepAliveTimeout = keepAlive;
  // On Bun each request of its own server has a signal of its own already, and no prototype can be changed.
  if (!isBun) await giveSignals(server.runtime);
  return server;
}

/** HTTPS is HTTP/1.1 here: the frameworks of this style do not take requests of HTTP/2. */
async function nodeServer(
  { node: answer }: { readonly node: NodeFetch },
  { tls, inUnit }: MakeServerOptions,
): Promise<NodeServerLike> {
  const server = tls && isBun && !inUnit
    // Bun's node:https cannot be given another certificate.
    ? (await import("node:http2")).createSecureServer(
      { ...tls, allowHTTP1: true, ALPNProtocols: ["http/1.1"] },
      answer as () => unknown,
    )
    : tls
    ? (await import("node:https")).createServer({ ...tls }, answer as () => unknown)
    : (await import("node:http")).createServer(answer as () => unknown);
  return server as unknown as NodeServerLike;
}

/** The runtime that serves a request, as srvx tells it. */
interface RuntimeOf {
  readonly node?: { readonly req: unknown; readonly res?: unknown };
  readonly deno?: { readonly info: unknown };
  readonly bun?: { readonly server: unknown };
}

/**
 * The second argument of a fetch function, in the form in which each runtime's own frameworks look for it, such as
 * `getConnInfo` of `hono/deno`, `hono/bun` and `@hono/node-server`.
 */
function connectionOf(request: { readonly runtime?: unknown }): object {
  const { node, deno, bun } = Object(request.runtime) as RuntimeOf;
  if (node) return { incoming: node.req, outgoing: node.res };
  return Object(deno ? deno.info : { server: bun?.server }) as object;
}

/** The prototypes whose `signal` was replaced. */
const given = new WeakSet<object>();

/**
 * Has the `signal` of the requests that srvx serves fire also before they are cut. It is done once, on the prototype: a
 * property of each request would cost time for each.
 */
async function giveSignals(runtime: string): Promise<void> {
  // In a unit, that is the server of Node also on the other runtimes.
  const { prototype } = runtime === "node" ? (await import("srvx/node")).NodeRequest : Request;
  if (given.has(prototype)) return;
  given.add(prototype);
  const own = Object.getOwnPropertyDescriptor(prototype, "signal");
  Object.defineProperty(prototype, "signal", { ...own, get: getterOf(own) });
}

let onBun: PropertyDescriptor | undefined;

/** The same for one request of a unit on Bun. */
function giveSignal(request: object): void {
  onBun ??= {
    configurable: true,
    get: getterOf(Object.getOwnPropertyDescriptor(Object.getPrototypeOf(request), "signal")),
  };
  Object.defineProperty(request, "signal", onBun);
}

type ServedRequest = Request & { readonly runtime?: unknown };

/** A getter of the signal that fires also before a request is cut; `own` is the runtime's. */
function getterOf(own: PropertyDescriptor | undefined): (this: ServedRequest) => AbortSignal {
  let asking = false;
  return function (this: ServedRequest) {
    // `requestSignal` itself asks for the signal of the runtime.
    if (asking || !this.runtime) return own?.get?.call(this);
    asking = true;
    try {
      return requestSignal(this) as AbortSignal;
    } catch {
      // It is a request of a server that the application has besides.
      return own?.get?.call(this);
    } finally {
      asking = false;
    }
  };
}
