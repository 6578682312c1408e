/**
 * The signal of one request: it aborts when the client goes away, and when the server wants the request to end. Streams
 * listen to it, and end in order.
 * @module
 */
import type { Signal } from "../../src/internal.ts";
import { GoingAway, type WebSocketLike } from "./_going_away.ts";
import {
  type DenoInfoLike,
  mark,
  type ResponseLike,
  SignalFactory,
  type WebRequest as FactoryRequest,
} from "./_signal_factory.ts";
import { typeOf } from "./_web_answer.ts";

export type { DenoInfoLike, ResponseLike } from "./_signal_factory.ts";

/** The signals that a request of Node belongs to. They are kept on the connection for HTTP/1.1, and on the stream for HTTP/2. */
interface NodeLink {
  readonly sockets: GoingAway;
  signalOfNode(request: object): Signal;
}

/** The signals that the requests of a server of Deno or Bun belong to. */
interface WebLink {
  readonly sockets: GoingAway;
  /** The signal of one of them. */
  signalOf(request: WebRequest): Signal;
}

/** The getter of `signal` that all requests of one server share: it leads to the server, so that a request needs no further property. */
interface SignalGetter {
  (this: WebRequest): Signal;
  [mark]?: WebLink;
}

interface NodeRequest extends Linked {
  readonly socket?: Linked | null;
}

interface Linked {
  [mark]?: NodeLink;
}

interface WebRequest extends FactoryRequest {
  /** The member that srvx adds to its requests. */
  readonly runtime?: {
    readonly node?: { readonly req?: NodeRequest };
    readonly deno?: { readonly server?: Marked; readonly info?: DenoInfoLike };
  };
}

interface Marked {
  [mark]?: WebLink;
}

/**
 * Returns the signal of a request that `httpServer` serves. It aborts when the client goes away, and shortly before
 * the server cuts what is left; that of an event stream, whose client connects again by itself, when the server accepts
 * no more. For a Request of `Deno.serve` and `Bun.serve` it is `request.signal` itself; Node's IncomingMessage has no
 * such property, and that of srvx's Request on Node and Deno knows of the client alone. On Deno ask for it before the
 * answer was sent.
 *
 * An event stream is a GET whose answer has the type `text/event-stream`, or which asks for nothing else.
 *
 * @throws {TypeError} If `httpServer` does not serve this request.
 *
 * @example
 * ```ts ignore
 * import { requestSignal } from "sitebus/http";
 *
 * const server = createServer((request, response) => {
 *   const timer = setInterval(() => response.write("data: tick\n\n"), 1000);
 *   requestSignal(request).addEventListener("abort", () => {
 *     clearInterval(timer);
 *     response.end();
 *   });
 * });
 * ```
 */
export function requestSignal(request: object): Signal {
  const action = "Cannot find the signal of the request";
  const node = nodeOf(request);
  return nodeLink(node)?.signalOfNode(node) ?? webLink(request, action).signalOf(request);
}

/**
 * Has the server count a WebSocket as in flight, and close it with 1001, going away, when it stops. Only `Deno.serve`
 * needs to be told: it closes its sockets so when it shuts down, but does not count them.
 *
 * @throws {TypeError} If `httpServer` does not serve this request.
 *
 * @example
 * ```ts ignore
 * import { closeWithServer } from "sitebus/http";
 *
 * const { socket, response } = Deno.upgradeWebSocket(request);
 * closeWithServer(socket, request);
 * ```
 */
export function closeWithServer(socket: WebSocketLike, request: object): void {
  const action = "Cannot close the WebSocket with its server";
  const { sockets } = nodeLink(nodeOf(request)) ?? webLink(request, action);
  sockets.add(socket);
}

function nodeOf(request: object): NodeRequest {
  return (request as WebRequest).runtime?.node?.req ?? request as NodeRequest;
}

function nodeLink(request: NodeRequest): NodeLink | undefined {
  const link = request[mark] ?? request.socket?.[mark];
  return typeof link?.signalOfNode === "function" ? link : undefined;
}

function webLink(request: WebRequest, action: string): WebLink {
  const getter = Object.getOwnPropertyDescriptor(request, "signal")?.get as SignalGetter | undefined;
  const link = getter?.[mark] ?? request.runtime?.deno?.server?.[mark];
  if (link) return link;
  throw new TypeError(`${action}: the request is none that "httpServer" serves`);
}

/** The signals of the requests of one server. Each is made when it is first asked for: most never are. */
export class RequestSignals implements WebLink {
  /** The WebSockets that close with the server. */
  readonly sockets: GoingAway = new GoingAway();
  readonly #factory: SignalFactory = new SignalFactory();
  readonly #made = new WeakMap<object, Signal>();
  readonly #getter: SignalGetter;

  constructor() {
    const signalOf = (request: WebRequest) => this.signalOf(request);
    this.#getter = function () {
      return signalOf(this);
    };
    this.#getter[mark] = this;
  }

  /** Marks a server of srvx's, by which its requests are recognized. */
  mark(server: object): void {
    (server as Marked)[mark] = this;
  }

  /** Gives a Request its own `signal`, which also aborts with the runtime's; `info` is what Deno told with it. */
  give(request: object, info?: DenoInfoLike): void {
    if (info) (request as WebRequest)[mark] = info;
    // On Deno this takes a third of the time of Object.defineProperty.
    (request as { __defineGetter__?(name: string, get: () => unknown): void }).__defineGetter__?.(
      "signal",
      this.#getter,
    );
  }

  /** Notes the answer to a Request, which may be an event stream. */
  answered(request: object, answer: unknown): void {
    this.#factory.answered(request, () => typeOf(answer));
  }

  /** Notes a request of Node's, for {@linkcode requestSignal}. */
  note(request: object, response: ResponseLike): void {
    this.noteAll(request, () => response);
  }

  /** Notes all requests of one connection at once, which costs nothing for each request. `find` finds the answer in flight of one of them. */
  noteAll(connection: object, find: (request: object) => ResponseLike | undefined): void {
    const { sockets } = this;
    const signalOfNode = (request: object) => this.#once(request, () => this.#factory.ofNode(find(request)));
    (connection as Linked)[mark] = { sockets, signalOfNode };
  }

  /** The signal of a Request. */
  signalOf(request: WebRequest): Signal {
    return this.#once(request, () => {
      const native = Reflect.get(Object.getPrototypeOf(request), "signal", request) as Signal;
      return this.#factory.ofWeb(request, { native, info: request[mark] ?? request.runtime?.deno?.info });
    });
  }

  /** Closes the WebSockets, and fires the signals of event streams. */
  endReconnecting(): void {
    this.sockets.close();
    this.#factory.endEvents();
  }

  /** Closes the WebSockets, and fires all signals. */
  endAll(): void {
    this.sockets.close();
    this.#factory.endAll();
  }

  #once(request: object, make: () => Signal): Signal {
    let signal = this.#made.get(request);
    if (!signal) this.#made.set(request, signal = make());
    return signal;
  }
}
