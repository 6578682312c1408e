/**
 * HTTP servers as components: up when they listen, the last to start and the first to stop, and drained so that no
 * client loses an answer. For `node:http`, `node:https`, `node:http2`, `Deno.serve`, `Bun.serve` and srvx.
 *
 * @example
 * ```ts
 * import { createServer } from "node:http";
 * import { inline, ProcessBus } from "@sitebus/sitebus";
 * import { httpServer } from "@sitebus/sitebus/http";
 *
 * const bus = new ProcessBus({ platform: inline() });
 * const web = bus.use(httpServer(createServer((_, response) => response.end("Hello")), { port: 0 }));
 * await bus.start();
 * console.log(await (await fetch(web.value.url)).text()); // Hello
 * await bus.exit();
 * ```
 * @module
 */
import { checkKeys, checkMs, checkName, show } from "../src/check.ts";
import type { Component } from "../src/component.ts";
import type { Phase } from "../src/phase.ts";
import type { BunServeLike } from "./http/bun_server.ts";
import type { DenoServeLike } from "./http/deno_server.ts";
import { checkHealth, Health, type HealthOptions } from "./http/health.ts";
import { HealthServer } from "./http/health_server.ts";
import { Life } from "./http/life.ts";
import type { NodeServerLike } from "./http/node_server.ts";
import { checkMode, checkPort, checkText } from "./http/place.ts";
import { kindOf } from "./http/server_kind.ts";
import type { SrvxServerLike } from "./http/srvx_server.ts";

export type { BunServeLike, BunServerLike } from "./http/bun_server.ts";
export type { DenoAddressLike, DenoServeLike, DenoServerLike } from "./http/deno_server.ts";
export type { WebSocketLike } from "./http/_going_away.ts";
export type { HealthAnswer, HealthBus, HealthOptions, HealthProbe } from "./http/health.ts";
export type { ListenOptions, NodeServerLike } from "./http/_node_like.ts";
export { closeWithServer, requestSignal } from "./http/request_signal.ts";
export type { SrvxServerLike } from "./http/srvx_server.ts";

/** How a server listens, and how it stops. */
export interface HttpServerOptions {
  /** The component's name. Default "http". */
  readonly name?: string;
  /** The name or address to listen on. Default "127.0.0.1", which other machines do not reach. */
  readonly host?: string;
  /** The port to listen on; 0 picks a free one. Default 3000. */
  readonly port?: number;
  /** A unix socket to listen on, in place of host and port. */
  readonly path?: string;
  /** The permissions of the unix socket, such as 0o660. Default: what the umask of the process leaves. */
  readonly mode?: number;
  /**
   * Whether the bus tells the server to listen. With `false` the application calls `listen` itself, whenever it wants;
   * for servers of Node. Default true: the bus does, unless the application has done so before the start.
   */
  readonly listen?: boolean;
  /**
   * The name of a listening socket that the process has inherited, in place of host and port: from a pool of processes
   * (`SITEBUS_FDS=3:web,4:admin`) or from systemd (`FileDescriptorName=`). For servers of Node; such a server has one
   * life.
   */
  readonly inherit?: string;
  /**
   * Milliseconds to go on serving when the drain begins, until load balancers have heard of it; a part of the time
   * for `drain`, of which at least a quarter is kept for what follows. Default 0.
   */
  readonly lameDuckMs?: number;
  /** Milliseconds for the drain of this server, within those of the whole drain, which are the default. */
  readonly drainWithin?: number;
  /**
   * Milliseconds for which an idle connection is kept, longer than the load balancer keeps it. On Bun in whole seconds,
   * at most 255; `Deno.serve` keeps it for as long as its client does. Default: that of the server, 5 s on Node.
   */
  readonly keepAliveTimeout?: number;
  /**
   * Whether WebSockets and event streams go on until shortly before the end of the drain, as all other streams do.
   * Default false: they are told to end when the server accepts no more, since their clients connect again.
   */
  readonly finishStreams?: boolean;
  /** Whether cut requests are a failure of the drain, so that the exit code is 70. Default false: a warning. */
  readonly failOnCut?: boolean;
  /** Answers health probes. Default: nobody does. */
  readonly health?: HealthOptions;
}

/** The same for `Deno.serve` and `Bun.serve`, which are given the application. */
export interface HttpServeOptions extends Omit<HttpServerOptions, "listen" | "inherit"> {
  /** The application; its second argument is the runtime's own. */
  readonly fetch: (request: WebRequest, more: never) => unknown;
  /** The runtime's own options, such as `cert` and `key` of Deno or `websocket` and `tls` of Bun. */
  readonly serve?: Readonly<Record<string, unknown>>;
}

/** The consumer's own Request, where there is one. */
export type WebRequest = typeof globalThis extends { Request: { prototype: infer R } } ? R : object;

/** A server that listens: the value of the component. */
export interface HttpServer {
  /**
   * Where it listens, with the real port, such as `http://127.0.0.1:8080/`, or `unix:/run/app.sock`. Empty while a server
   * with `listen: false` does not listen yet.
   */
  readonly url: string;
  /** The real port; undefined on a unix socket. */
  readonly port: number | undefined;
  /** Where the health is told, where that has a port of its own. */
  readonly healthUrl: string | undefined;
  /** How many requests are not answered to their end, and how many WebSockets are open. */
  readonly inFlight: number;
  /** How many of them were cut at the end of the drain. */
  readonly cutRequests: number;
}

/**
 * The `event` of the log records of a server; each has the name of the `component`.
 *
 * - `drained` (info): all connections have ended; `ms` since the drain began.
 * - `cut` (warn; info without requests): the time was over. `requests` were in flight; `cut` of them were cut, `left`
 *   end with the process.
 * - `lame_duck` (warn): it served on for `ms` and not for `lameDuckMs`.
 */
export type HttpEvent = "drained" | "cut" | "lame_duck";

/** How long a server on an inherited socket serves the connections on that clients keep, in milliseconds. */
const RETIRING_MS = 300;

const ACTION = "Cannot make an HTTP server";
const OPTIONS = [
  "name",
  "host",
  "port",
  "path",
  "mode",
  "listen",
  "inherit",
  "lameDuckMs",
  "drainWithin",
  "keepAliveTimeout",
  "finishStreams",
  "failOnCut",
  "health",
];

/**
 * Makes a component of a server of `node:http`, `node:https`, `node:http2` or srvx. The component starts after all
 * others and stops before them. A server of Node that the application has told to listen stays where it is.
 *
 * Its drain goes on serving for `lameDuckMs`, then accepts no more, closes what is idle and lets requests finish.
 * WebSockets are closed with 1001, and the signals of event streams fire (see {@linkcode requestSignal}); those of all
 * other requests shortly before the time is over. What is left at the end is cut, counted and logged.
 *
 * @throws {TypeError} If the server is none, or an option is unknown or of a wrong type.
 * @throws {RangeError} If a port, a time or permissions are out of range.
 */
export function httpServer(
  server: NodeServerLike | SrvxServerLike,
  options?: HttpServerOptions,
): Component<HttpServer>;
/**
 * Makes a component of what `Deno.serve` or `Bun.serve` serves. It starts, drains and stops as the others.
 *
 * @throws {TypeError} If it is neither of them, or an option is unknown or of a wrong type.
 * @throws {RangeError} If a port, a time or permissions are out of range.
 *
 * @example
 * ```ts ignore
 * bus.use(httpServer(Deno.serve, { port: 8080, fetch: (request) => new Response(`Hello from ${request.url}`) }));
 * ```
 */
export function httpServer(
  serve: DenoServeLike | BunServeLike,
  options: HttpServeOptions,
): Component<HttpServer>;
export function httpServer(
  server: NodeServerLike | SrvxServerLike | DenoServeLike | BunServeLike,
  options: HttpServerOptions & Partial<HttpServeOptions> = {},
): Component<HttpServer> {
  checkKeys(ACTION, options, typeof server === "function" ? [...OPTIONS, "fetch", "serve"] : OPTIONS);
  checkOptions(options);
  const { name = "http", path, mode, inherit, finishStreams = false, failOnCut = false } = options;
  const lameDuckMs = Math.max(options.lameDuckMs ?? 0, inherit === undefined ? 0 : RETIRING_MS);
  const kind = kindOf(ACTION, server, options);
  const { host = kind.host ?? "127.0.0.1", port = kind.port ?? 3000, health } = options;
  checkPort(ACTION, "port", port);
  checkText(ACTION, "host", host, "a name or an address");
  let life: Life | undefined;
  const probes = health && new Health(health, () => life?.inFlight);
  probes?.watch();
  const healthServer = health?.port === undefined
    ? undefined
    : new HealthServer({ host: health.host ?? host, port: health.port }, probes!);
  if (health) healthServer?.follow(health.bus, name);
  const plan = {
    wiring: kind.wiring,
    place: { host, port, path, mode },
    probes: healthServer ? undefined : probes,
    healthServer,
  };
  const drain = { name, lameDuckMs, finishStreams, failOnCut };
  return {
    name,
    dependsOn: "all",
    ...options.drainWithin !== undefined && { drainWithin: options.drainWithin },
    start: async () => life = await Life.begin(plan),
    drain: (life: HttpServer, phase: Phase) => (life as Life).drain(phase, drain),
    stop: (life: HttpServer) => (life as Life).end(),
  };
}

function checkOptions(options: HttpServerOptions): void {
  const { name, host, port, path, mode, inherit, lameDuckMs, keepAliveTimeout, listen, health } = options;
  if (name !== undefined) checkName(ACTION, name);
  if (host !== undefined) checkText(ACTION, "host", host, "a name or an address");
  if (port !== undefined) checkPort(ACTION, "port", port);
  if (lameDuckMs !== undefined) checkMs(ACTION, "lameDuckMs", lameDuckMs);
  if (options.drainWithin !== undefined) checkMs(ACTION, "drainWithin", options.drainWithin);
  if (keepAliveTimeout !== undefined) checkMs(ACTION, "keepAliveTimeout", keepAliveTimeout);
  for (const field of ["listen", "finishStreams", "failOnCut"] as const) {
    const value: unknown = options[field];
    if (value === undefined || typeof value === "boolean") continue;
    throw new TypeError(`${ACTION}: "${field}" is ${show(value)}, expected true or false`);
  }
  if (path !== undefined) checkText(ACTION, "path", path, "the path of a unix socket");
  if (mode !== undefined) {
    checkMode(ACTION, "mode", mode);
    if (path === undefined) throw new TypeError(`${ACTION}: "mode" needs the "path" of a unix socket`);
  }
  const given = (["path", "host", "port"] as const).filter((field) => options[field] !== undefined);
  if (path !== undefined && given.length > 1) {
    throw new TypeError(`${ACTION}: it has both "path" and "${given[1]}", expected one of them`);
  }
  if (inherit !== undefined) checkText(ACTION, "inherit", inherit, "the name of a socket");
  const elsewhere = inherit !== undefined ? '"inherit"' : listen === false ? '"listen: false"' : undefined;
  if (elsewhere !== undefined && (given.length > 0 || (inherit !== undefined && listen === false))) {
    throw new TypeError(
      `${ACTION}: it has both ${elsewhere} and "${given[0] ?? "listen"}", expected one of them`,
    );
  }
  if (health !== undefined) checkHealth(ACTION, health);
}
