/**
 * The servers of `node:http`, `node:https` and `node:http2`, wired to the drain.
 * @module
 */
import { NodeConnections } from "./_node_connections.ts";
import type {
  AnswerLike,
  NodeServerLike,
  RequestLike,
  SessionLike,
  SocketLike,
  StreamLike,
} from "./_node_like.ts";
import { type Asked, checkAdopted, closeListener, isToldToListen, listen, placeOf } from "./_node_listen.ts";
import { NodeSessions } from "./_node_sessions.ts";
import { QUIET_MS } from "./_open_connections.ts";
import { accepted } from "./accepted.ts";
import { type Listener, listenInherited } from "./inherited.ts";
import { listenAt } from "./listen_at.ts";
import { type Place, urlOf } from "./place.ts";
import { RequestSignals } from "./request_signal.ts";
import type { ProbeAnswer, Probes, Wired, Wiring } from "./wiring.ts";

export type { NodeServerLike } from "./_node_like.ts";

/** The connections that a server accepted between one start and the next. */
class Watch {
  readonly connections: NodeConnections = new NodeConnections();
  readonly sessions: NodeSessions = new NodeSessions();
  /** Closes the listener alone. */
  stop: () => void = () => {};
  /** Set when the bus starts the server: before, its requests have no signals, and no path is a probe. */
  signals: RequestSignals | undefined;
  probes: Probes | undefined;
}

/**
 * Wires a server to the drain. One that was told to listen by somebody else stays where it is; its connections are known
 * from now on.
 */
export function nodeWiring(server: NodeServerLike, options: Asked = {}): Wiring {
  const speaksHttp2 = "updateSettings" in server;
  // Only the latter tells Bun's server of `node:https` from others.
  const secure = "setSecureContext" in server || "ALPNProtocols" in server;
  let watch = new Watch();
  const isShared = !secure || "Deno" in globalThis;
  let lives = 0;
  let adopted: Place | undefined;
  let failure: unknown;
  let latest: SocketLike | undefined;
  watchServer(server, {
    error: (error: unknown) => {
      failure = error;
    },
    listening: () => {
      failure = undefined;
    },
    connection: (socket: SocketLike) => {
      latest = socket;
      if (options.inherit !== undefined) accepted({ stop: () => watch.stop() });
      // Without TLS a connection of HTTP/2 is a session alone.
      if (!speaksHttp2 || secure) watch.connections.opened(socket);
    },
    secureConnection: (socket: SocketLike) => {
      latest = socket;
      // On Bun this is the socket of the "connection" event.
      if (socket.alpnProtocol === "h2") watch.connections.forget(socket);
      else watch.connections.opened(socket);
    },
    // It comes with the connection that it is on. A TLS connection of Node's takes no write beside those of the session.
    session: (session: SessionLike) => watch.sessions.opened(session, isShared ? latest : undefined),
    stream: (stream: StreamLike, headers: Readonly<Record<string, string>>) => {
      watch.sessions.requested(stream);
      watch.signals?.note(stream, stream);
      const method = headers[":method"];
      const probe = answerOf(watch, method, headers[":path"]);
      void probe?.then(({ status, headers, body }) => {
        if (stream.destroyed) return;
        stream.respond({ ":status": status, ...headers });
        stream.end(method === "HEAD" ? undefined : body);
      });
      return probe !== undefined;
    },
    request: (request: RequestLike, answer: AnswerLike) => {
      // A request of HTTP/2 was noted as a stream.
      if (request.httpVersionMajor > 1) watch.signals?.note(request, answer);
      else if (!watch.connections.requested(request, answer)) return true;
      const probe = answerOf(watch, request.method, request.url);
      void probe?.then(({ status, headers, body }) => {
        answer.writeHead(status, headers);
        answer.end(body);
      });
      return probe !== undefined;
    },
    upgrade: (request: RequestLike) => {
      if (request.httpVersionMajor < 2) watch.connections.upgraded(request);
    },
  });

  return async (place, probes) => {
    if (lives++ > 0) watch = new Watch();
    const { connections, sessions } = watch;
    const signals = watch.signals = new RequestSignals();
    connections.giveSignals(signals);
    watch.probes = probes;
    let listener: Listener = server;
    if (options.inherit !== undefined) {
      if (lives > 1) throw oneLife(options.inherit);
      listener = await listenInherited(server, options.inherit);
    } else if (await isToldToListen(server, failure)) {
      adopted = placeOf(server, place, true);
      checkAdopted(adopted, options);
    } else if (options.listen !== false || adopted) {
      const at = adopted ?? place;
      await listenAt(at, () => listen(server, at));
    }
    const isElsewhere = () => (adopted ?? options.inherit) !== undefined || options.listen === false;
    const found = () => placeOf(listener, adopted ?? place, isElsewhere());
    let [closed, listenerClosed]: (Promise<void> | undefined)[] = [];
    watch.stop = () => void (listenerClosed ??= closeListener(listener));
    const announce = () => {
      connections.announce();
      sessions.announce();
      // The processes that share the socket go on accepting.
      if (options.inherit !== undefined) listenerClosed ??= closeListener(listener);
    };
    const close = async () => {
      announce();
      // Take what the operating system has accepted meanwhile: it would be reset.
      await new Promise((resolve) => setTimeout(resolve));
      if (options.listen === false && server.listening) adopted = found();
      listenerClosed ??= closeListener(listener);
      await Promise.all([connections.close(), sessions.close()]);
      if (!adopted) return listenerClosed;
      // Connections that were accepted before the server was given to `httpServer`.
      const poll = setInterval(() => server.closeIdleConnections?.(), QUIET_MS);
      await listenerClosed.finally(() => clearInterval(poll));
    };
    const last = { url: "", port: undefined as number | undefined };
    const now = () => {
      if (!listener.listening) return last;
      const at = found();
      last.url = urlOf(at, secure);
      last.port = at.path === undefined ? at.port : undefined;
      return last;
    };
    const wired: Wired = {
      get url() {
        return now().url;
      },
      get port() {
        return now().port;
      },
      inFlight: () => connections.inFlight + sessions.inFlight,
      announce,
      close: () => closed ??= close(),
      endReconnecting() {
        connections.closeWebSockets();
        signals.endReconnecting();
      },
      endStreams() {
        connections.closeWebSockets();
        connections.endFresh();
        sessions.endFresh();
        signals.endAll();
      },
      cut() {
        if (listener.listening) listener.close();
        sessions.cut();
        connections.cut();
        server.closeAllConnections?.();
        return 0;
      },
    };
    now();
    return wired;
  };
}

function oneLife(name: string): Error {
  return new Error(
    `Cannot listen on the inherited socket "${name}" again: it has one life; another process takes it over`,
  );
}

/** Handlers of a server's events. One that returns true keeps the event from the application. */
type Seen = Readonly<Record<string, (...args: never[]) => unknown>>;

/**
 * Calls the handlers before the listeners of the application, by a wrapper of `emit`. Listeners would change what the
 * server does: a listener of "upgrade" takes over every upgrade, and with one of "request" HTTP/2 reports each request twice.
 */
function watchServer(server: NodeServerLike, seen: Seen): void {
  const { request, upgrade } = seen;
  const table = new Map(
    Object.entries({ ...seen, checkContinue: request, checkExpectation: request, connect: upgrade }),
  );
  const { emit } = server;
  server.emit = function (name: string, ...args: unknown[]) {
    return table.get(name)?.(...args as never[]) === true || emit.call(this, name, ...args);
  };
}

/** The answer to a health probe; undefined where the request is none. */
function answerOf(
  { probes }: Watch,
  method: string | undefined,
  path: string | undefined,
): Promise<ProbeAnswer> | undefined {
  return probes && path !== undefined ? probes.answer(method, path) : undefined;
}
