/**
 * `Bun.serve`, wired to the drain. Bun counts what is in flight by itself, lets it finish after `stop`, and can cut it
 * at any time.
 * @module
 */
import type { WebSocketLike } from "./_going_away.ts";
import { isPromise, probed, quiet, type RequestLike, sayClose } from "./_web_answer.ts";
import { listenAt } from "./listen_at.ts";
import { type Place, urlOf } from "./place.ts";
import { RequestSignals } from "./request_signal.ts";
import type { Probes, Wired, Wiring } from "./wiring.ts";

/** A server of Bun. */
export interface BunServerLike {
  /** The real port; none on a unix socket. */
  readonly port?: number | undefined;
  /** How many requests are in flight. */
  readonly pendingRequests: number;
  /** How many WebSockets are open. */
  readonly pendingWebSockets: number;
  /** Accepts no more and resolves when all has ended, or cuts what is left. */
  stop(closeActiveConnections?: boolean): Promise<void>;
  /** Serves by other options from now on. */
  reload(options: never): unknown;
}

/** `Bun.serve`. */
export type BunServeLike = (options: never) => BunServerLike;

/** The handler and the options of the server. */
export interface BunWiringOptions {
  /** The application. */
  readonly fetch: (request: never, server: never) => unknown;
  /** Bun's own options: `websocket`, `routes`, `tls`, `error`, `idleTimeout` … */
  readonly own?: BunOptions | undefined;
}

/** The members of Bun's options that are used here. */
export interface BunOptions {
  readonly routes?: object;
  readonly websocket?: object;
  readonly [option: string]: unknown;
}

/** Wires `Bun.serve` to the drain. */
export function bunWiring(serve: BunServeLike, options: BunWiringOptions): Wiring {
  return async (place, probes) => {
    checkRoutes(options.own?.routes, probes);
    return await listenAt(place, async () => new BunLife(serve, options, { place, probes }));
  };
}

/** Bun answers by a route before it calls anybody, so that a route on a health path is a contradiction. */
function checkRoutes(routes: object | undefined, probes: Probes | undefined): void {
  const table = routes as Readonly<Record<string, unknown>> | undefined;
  const conflict = probes?.paths.find((path) => {
    const route = table?.[path];
    return typeof route === "object" && route !== null && isPlain(route)
      ? "GET" in route || "HEAD" in route
      : route !== undefined && route !== false;
  });
  if (conflict === undefined) return;
  throw new Error(
    `Cannot answer for the health at "${conflict}": the application has a route there; ` +
      "give the health another path, or a port of its own",
  );
}

type Answer = (this: unknown, request: RequestLike, server: unknown) => unknown;

class BunLife implements Wired {
  readonly url: string;
  readonly port: number | undefined;
  readonly #probes: Probes | undefined;
  readonly #signals: RequestSignals = new RequestSignals();
  readonly #server: BunServerLike;
  readonly #options: object;
  readonly #routes: object | undefined;
  #announced = false;
  #closed: Promise<void> | undefined;
  #cut = false;

  constructor(
    serve: BunServeLike,
    { fetch, own: { routes, websocket, ...own } = {} }: BunWiringOptions,
    { place, probes }: { readonly place: Place; readonly probes: Probes | undefined },
  ) {
    this.#probes = probes;
    this.#routes = routes;
    const { host, port, path } = place;
    this.#options = {
      ...own,
      ...(path === undefined ? { hostname: host, port } : { unix: path }),
      ...websocket && { websocket: this.#watched(websocket) },
      fetch: this.#answerBy(fetch as unknown as Answer),
    };
    this.#server = serve(this.#withRoutes() as never);
    this.port = path === undefined ? this.#server.port : undefined;
    this.url = urlOf({ ...place, port: this.port ?? port }, isSecure(own["tls"]));
  }

  inFlight(): number {
    return this.#server.pendingRequests + this.#server.pendingWebSockets;
  }

  announce(): void {
    if (this.#announced) return;
    this.#announced = true;
    // Bun sends a Response that is a route by itself, so that its headers have to be changed beforehand.
    if (this.#routes) this.#server.reload(this.#withRoutes() as never);
  }

  close(): Promise<void> {
    return this.#closed ??= this.#close();
  }

  endReconnecting(): void {
    this.#signals.endReconnecting();
  }

  endStreams(): void {
    this.#signals.endAll();
  }

  cut(): number {
    this.#cut = true;
    void this.#server.stop(true);
    return 0;
  }

  async #close(): Promise<void> {
    this.announce();
    await quiet();
    if (!this.#cut) await this.#server.stop();
  }

  #answerBy(fetch: Answer): Answer {
    const probes = this.#probes;
    const signals = this.#signals;
    const finish = (request: RequestLike, answer: unknown) => {
      signals.answered(request, answer);
      return this.#announced ? sayClose(answer) : answer;
    };
    // The request is passed on as it is: Bun's `upgrade` takes no copy.
    return function (request, server) {
      signals.give(request);
      const answer = probed(probes, request) ?? fetch.call(this, request, server);
      return isPromise(answer) ? answer.then((settled) => finish(request, settled)) : finish(request, answer);
    };
  }

  /** The options, with the routes of the application and, before them, those of the health. */
  #withRoutes(): object {
    if (!this.#routes) return this.#options;
    const routes = mapValues(
      this.#routes,
      (route) =>
        typeof route === "object" && route !== null && isPlain(route)
          ? mapValues(route, (method) => this.#route(method))
          : this.#route(route),
    );
    const probe = this.#answerBy(() => undefined);
    const health = (this.#probes?.paths ?? []).map((path) => [
      path,
      { ...Reflect.get(routes, path) as object | undefined, GET: probe, HEAD: probe },
    ]);
    return { ...this.#options, routes: { ...routes, ...Object.fromEntries(health) } };
  }

  #route(route: unknown): unknown {
    if (typeof route === "function") return this.#answerBy(route as Answer);
    return this.#announced && route instanceof Response ? sayClose(route.clone()) : route;
  }

  /** Wraps the application's WebSocket handlers, to know which sockets are open. */
  #watched(websocket: { open?: SocketListener; close?: SocketListener }): object {
    const { sockets } = this.#signals;
    const { open, close } = websocket;
    return {
      ...websocket,
      open(socket: WebSocketLike, ...rest: unknown[]) {
        sockets.opened(socket);
        return open?.call(websocket, socket, ...rest);
      },
      close(socket: WebSocketLike, ...rest: unknown[]) {
        sockets.closed(socket);
        return close?.call(websocket, socket, ...rest);
      },
    };
  }
}

type SocketListener = (socket: WebSocketLike, ...rest: unknown[]) => unknown;

/** Whether Bun will speak TLS; srvx gives a certificate that is undefined where there is none. */
function isSecure(tls: unknown): boolean {
  const all = Array.isArray(tls) ? tls : [tls];
  return all.some((one) => (one as { cert?: unknown } | undefined)?.cert !== undefined);
}

/** Whether a route is a table of methods, and no Response, file or page. */
function isPlain(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

function mapValues(object: object, map: (value: unknown) => unknown): object {
  return Object.fromEntries(Object.entries(object).map(([key, value]) => [key, map(value)]));
}
