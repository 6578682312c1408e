/**
 * The signal of one request: it aborts when the client goes away, and shortly before the server cuts what is left.
 * Streams, server-sent events and sockets listen to it, and end in order.
 * @module
 */
import { type Controller, type Signal, web } from "../../src/internal.ts";
import { GoingAway, type WebSocketLike } from "./_going_away.ts";

/** What is used of Node's ServerResponse, and of a stream of HTTP/2. */
export interface ResponseLike {
  /** Whether all of it was handed to the system. */
  readonly writableFinished: boolean;
  /** Whether nothing can be sent any more. */
  readonly destroyed: boolean;
  /** Calls `listener` when it is sent, or its connection has ended. */
  once(name: "close", listener: () => void): unknown;
}

/** Where a request, or its server, keeps what it belongs to. Several copies of this module may meet. */
const mark: unique symbol = Symbol.for("sitebus.request");

/** What a request of Node's belongs to: that of HTTP/1.1 has it from its connection, a stream of HTTP/2 itself. */
interface NodeLink {
  readonly sockets: GoingAway;
  signalOfNode(request: object): Signal;
}

/** What the requests of a server of Deno or Bun belong to. */
interface WebLink {
  readonly sockets: GoingAway;
  /** The signal of one of them. */
  signalOf(request: WebRequest): Signal;
}

/** What reads the `signal` of a Request of one server: a request has no room for more, since it is made so often. */
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

/** What Deno tells with a request. */
export interface DenoInfoLike {
  /**
   * Settles when the answer was sent, and rejects where it could not be. Who asks for it makes a quick request cost a
   * tenth more.
   */
  readonly completed: Promise<void>;
}

interface WebRequest {
  /** What Deno told with it. */
  [mark]?: DenoInfoLike | undefined;
  /** What srvx says of its requests. */
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
 * the server cuts what is left. For a Request of `Deno.serve` and `Bun.serve` it is `request.signal` itself; Node's
 * IncomingMessage has no such property, and that of srvx's Request on Node and Deno knows of the client alone. On Deno
 * it is to be asked for before the answer was sent.
 *
 * @throws {TypeError} Where `httpServer` does not serve this request.
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
 * @throws {TypeError} Where `httpServer` does not serve this request.
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
  readonly #followers: Followers;
  readonly #made = new WeakMap<object, Signal>();
  readonly #getter: SignalGetter;

  /** All of them follow `ending`. */
  constructor(ending: Signal) {
    this.#followers = new Followers(ending);
    const signalOf = (request: WebRequest) => this.signalOf(request);
    this.#getter = function () {
      return signalOf(this);
    };
    this.#getter[mark] = this;
  }

  /** Has the requests that srvx makes known by their server, which is what it tells with them. */
  mark(server: object): void {
    (server as Marked)[mark] = this;
  }

  /** Gives a Request its own `signal`, which also aborts with the runtime's; `info` is what Deno told with it. */
  give(request: object, info?: DenoInfoLike): void {
    if (info) (request as WebRequest)[mark] = info;
    // On Deno a third of what Object.defineProperty costs.
    (request as { __defineGetter__?(name: string, get: () => unknown): void }).__defineGetter__?.(
      "signal",
      this.#getter,
    );
  }

  /** Notes a request of Node's, for {@linkcode requestSignal}. */
  note(request: object, response: ResponseLike): void {
    this.noteAll(request, () => response);
  }

  /** Notes all requests of one connection: to note each would cost each. `find` finds the answer that is not at its end. */
  noteAll(connection: object, find: (request: object) => ResponseLike | undefined): void {
    const { sockets } = this;
    const signalOfNode = (request: object) =>
      this.#once(request, () => this.#followers.ofNode(find(request)));
    (connection as Linked)[mark] = { sockets, signalOfNode };
  }

  /** The signal of a Request. */
  signalOf(request: WebRequest): Signal {
    return this.#once(request, () => this.#followers.ofWeb(request));
  }

  #once(request: object, make: () => Signal): Signal {
    let signal = this.#made.get(request);
    if (!signal) this.#made.set(request, signal = make());
    return signal;
  }
}

/** The signals that were made. */
class Followers {
  readonly #ending: Signal;
  // Not AbortSignal.any: one that has a listener stays for as long as `ending` lives, a leak with each request. Whoever
  // can end a request holds its controller; here it is held weakly, since Bun does not tell when a request is over.
  readonly #live = new Set<WeakRef<Controller>>();
  readonly #forgotten = new FinalizationRegistry<WeakRef<Controller>>((ref) => void this.#live.delete(ref));

  constructor(ending: Signal) {
    this.#ending = ending;
    ending.addEventListener("abort", () => {
      for (const ref of this.#live) ref.deref()?.abort(ending.reason);
      this.#live.clear();
    });
  }

  /** That of a Request of the web. */
  ofWeb(request: WebRequest): Signal {
    const native = Reflect.get(Object.getPrototypeOf(request), "signal", request) as Signal;
    const controller = this.#follow();
    const abort = () => controller.abort(native.reason);
    const info = request[mark] ?? request.runtime?.deno?.info;
    let gone = abort;
    if (info) {
      let done = false;
      info.completed.then(() => done = true, () => {});
      // Deno's fires after every answer; but that it was sent is said just before, so that it is heard first.
      gone = () => void Promise.resolve().then(() => done || abort());
    }
    if (native.aborted) gone();
    else native.addEventListener("abort", gone);
    return controller.signal;
  }

  /** That of a request of Node's. Without a response, it was answered. */
  ofNode(response: ResponseLike | undefined): Signal {
    const controller = this.#follow();
    if (!response) return controller.signal;
    const gone = () => {
      if (!response.writableFinished) controller.abort(undefined);
    };
    if (response.destroyed) gone();
    else response.once("close", gone);
    return controller.signal;
  }

  #follow(): Controller {
    const controller = new web.AbortController();
    if (this.#ending.aborted) {
      controller.abort(this.#ending.reason);
    } else {
      const ref = new WeakRef(controller);
      this.#live.add(ref);
      this.#forgotten.register(controller, ref);
    }
    return controller;
  }
}
