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
import { checkKeys, checkMs, checkName } from "../src/check.ts";
import type { Component } from "../src/component.ts";
import type { Phase } from "../src/phase.ts";
import type { BunServeLike } from "./http/bun_server.ts";
import { checkPort, checkText } from "./http/check_place.ts";
import type { DenoServeLike } from "./http/deno_server.ts";
import { checkHealth, Health, type HealthOptions } from "./http/health.ts";
import { Life } from "./http/life.ts";
import type { NodeServerLike } from "./http/node_server.ts";
import { wiringOf } from "./http/server_kind.ts";
import type { SrvxServerLike } from "./http/srvx_server.ts";

export type { BunServeLike, BunServerLike } from "./http/bun_server.ts";
export type { DenoAddressLike, DenoServeLike, DenoServerLike } from "./http/deno_server.ts";
export type { WebSocketLike } from "./http/_going_away.ts";
export type { HealthBus, HealthOptions } from "./http/health.ts";
export type { NodeServerLike } from "./http/node_server.ts";
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
  /**
   * Milliseconds to go on serving when the drain begins, until load balancers have heard of it; a part of the time
   * for `drain`, of which at least a quarter is kept for what follows. Default 0.
   */
  readonly lameDuckMs?: number;
  /** Answers for the health of the application. Default: nobody does. */
  readonly health?: HealthOptions;
}

/** The same for `Deno.serve` and `Bun.serve`, which are given the application. */
export interface HttpServeOptions extends HttpServerOptions {
  /** The application; its second argument is the runtime's own. */
  readonly fetch: (request: WebRequest, more: never) => unknown;
  /** The runtime's own options, such as `cert` and `key` of Deno or `websocket` and `tls` of Bun. */
  readonly serve?: Readonly<Record<string, unknown>>;
}

/** The consumer's own Request, where there is one. */
export type WebRequest = typeof globalThis extends { Request: { prototype: infer R } } ? R : object;

/** A server that listens: the value of the component. */
export interface HttpServer {
  /** Where, with the real port, such as `http://127.0.0.1:8080/`, or `unix:/run/app.sock`. */
  readonly url: string;
  /** The real port; undefined on a unix socket. */
  readonly port: number | undefined;
  /** Where the health is told, where that has a port of its own. */
  readonly healthUrl: string | undefined;
  /** How many requests are not answered to their end, and how many WebSockets are open. */
  readonly inFlight: number;
}

const ACTION = "Cannot make an HTTP server";
const OPTIONS = ["name", "host", "port", "path", "lameDuckMs", "health"];

/**
 * Makes a component of a server of `node:http`, `node:https`, `node:http2` or srvx. It need not listen yet; one of Node
 * that does stays where it is. The component starts after all others and stops before them.
 *
 * Its drain goes on serving for `lameDuckMs`, then accepts no more, closes what is idle and lets requests finish.
 * Shortly before the time is over, the signals of their requests fire (see {@linkcode requestSignal}), and WebSockets
 * are closed with 1001. What is left at the end is cut, counted and logged.
 *
 * @throws {TypeError} Where the server is none, or an option is unknown or of a wrong type.
 * @throws {RangeError} Where a port or a time is out of range.
 */
export function httpServer(
  server: NodeServerLike | SrvxServerLike,
  options?: HttpServerOptions,
): Component<HttpServer>;
/**
 * Makes a component of what `Deno.serve` or `Bun.serve` serves. It starts, drains and stops as the others.
 *
 * @throws {TypeError} Where it is neither of them, or an option is unknown or of a wrong type.
 * @throws {RangeError} Where a port or a time is out of range.
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
  const { name = "http", path, lameDuckMs = 0, health } = options;
  const kind = wiringOf(ACTION, server, options);
  const { host = kind.host ?? "127.0.0.1", port = kind.port ?? 3000 } = options;
  checkName(ACTION, name);
  checkText(ACTION, "host", host, "a name or an address");
  checkPort(ACTION, "port", port);
  checkMs(ACTION, "lameDuckMs", lameDuckMs);
  if (path !== undefined) {
    checkText(ACTION, "path", path, "the path of a unix socket");
    const other = (["host", "port"] as const).find((field) => options[field] !== undefined);
    if (other) throw new TypeError(`${ACTION}: it has both "path" and "${other}", expected one of them`);
  }
  if (health !== undefined) checkHealth(ACTION, health);
  const plan = {
    ...kind,
    place: { host, port, path },
    health: health && new Health(health),
    apart: health?.port === undefined ? undefined : { host: health.host ?? host, port: health.port },
  };
  return {
    name,
    dependsOn: "all",
    start: () => Life.begin(plan),
    drain: (life: HttpServer, phase: Phase) => (life as Life).drain(phase, { name, lameDuckMs }),
    stop: (life: HttpServer) => (life as Life).cut(),
  };
}
