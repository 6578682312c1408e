/**
 * `Bun.serve`, wired to the drain. Bun counts what is in flight by itself, lets it finish after `stop`, and can cut it
 * at any time.
 * @module
 */
import { isPromise, probed, quiet, type RequestLike, withClose } from "./_web_answer.ts";
import type { WebSocketLike } from "./_going_away.ts";
import { RequestSignals } from "./request_signal.ts";
import { urlOf } from "./url_of.ts";
import type { Desk, Place, Wired, Wiring } from "./wiring.ts";

/** A server of Bun. */
export interface BunServerLike {
  /** The real port; none on a unix socket. */
  readonly port?: number | undefined;
  /** How many requests are not answered to their end. */
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

/** What is served. */
export interface BunWiringOptions {
  /** The application. */
  readonly fetch: (request: never, server: never) => unknown;
  /** Bun's own options: `websocket`, `routes`, `tls`, `error`, `idleTimeout` … */
  readonly own?: BunOptions | undefined;
}

/** What is used of Bun's options. */
export interface BunOptions {
  readonly routes?: object;
  readonly websocket?: object;
  readonly [option: string]: unknown;
}

/** Wires `Bun.serve` to the drain. */
export function bunWiring(serve: BunServeLike, options: BunWiringOptions): Wiring {
  return async (place, desk) => new BunLife(serve, options, place, desk);
}

type Answer = (this: unknown, request: RequestLike, server: unknown) => unknown;

class BunLife implements Wired {
  readonly url: string;
  readonly port: number | undefined;
  readonly #desk: Desk;
  readonly #signals: RequestSignals;
  readonly #server: BunServerLike;
  readonly #options: object;
  readonly #routes: object | undefined;
  #announced = false;
  #closed: Promise<void> | undefined;
  #cut = false;

  constructor(serve: BunServeLike, options: BunWiringOptions, place: Place, desk: Desk) {
    const { fetch, own: { routes, websocket, ...own } = {} } = options;
    this.#desk = desk;
    this.#signals = new RequestSignals(desk.ending);
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
    // An answer that stands in a route is sent as it is; so it is put there anew.
    if (this.#routes) this.#server.reload(this.#withRoutes() as never);
  }

  close(): Promise<void> {
    return this.#closed ??= this.#close();
  }

  closeWebSockets(): void {
    this.#signals.sockets.close();
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
    const desk = this.#desk;
    const signals = this.#signals;
    const finish = (answer: unknown) => this.#announced ? withClose(answer) : answer;
    // Bun's `upgrade` wants the request itself, so that it is never another.
    return function (request, server) {
      signals.give(request);
      const answer = probed(desk, request) ?? fetch.call(this, request, server);
      return isPromise(answer) ? answer.then(finish) : finish(answer);
    };
  }

  #withRoutes(): object {
    if (!this.#routes) return this.#options;
    const routes = mapValues(
      this.#routes,
      (route) =>
        typeof route === "object" && route !== null && isPlain(route)
          ? mapValues(route, (method) => this.#route(method))
          : this.#route(route),
    );
    return { ...this.#options, routes };
  }

  #route(route: unknown): unknown {
    if (typeof route === "function") return this.#answerBy(route as Answer);
    return this.#announced && route instanceof Response ? withClose(route.clone()) : route;
  }

  /** Tells us of the sockets that open and close. */
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

/** Whether it is a table of methods, not a Response, a file or a page. */
function isPlain(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

function mapValues(object: object, map: (value: unknown) => unknown): object {
  return Object.fromEntries(Object.entries(object).map(([key, value]) => [key, map(value)]));
}
