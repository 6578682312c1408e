/**
 * The servers of `node:http`, `node:https` and `node:http2`, wired to the drain.
 * @module
 */
import { NodeConnections, QUIET_MS } from "./_node_connections.ts";
import type {
  AnswerLike,
  NodeServerLike,
  RequestLike,
  SessionLike,
  SocketLike,
  StreamLike,
} from "./_node_like.ts";
import { NodeSessions } from "./_node_sessions.ts";
import { probeOf } from "./probe_of.ts";
import { RequestSignals } from "./request_signal.ts";
import { urlOf } from "./url_of.ts";
import type { Desk, Place, ProbeAnswer, Wired, Wiring } from "./wiring.ts";

export type { NodeServerLike } from "./_node_like.ts";

const PROBE_FIELDS = { "content-type": "application/json", "cache-control": "no-store" };

/** The connections that one life of a server accepted. */
class Watch {
  readonly connections: NodeConnections = new NodeConnections();
  readonly sessions: NodeSessions = new NodeSessions();
  /** Until the server is started by the bus, its requests have no signals, and no path is a probe. */
  signals: RequestSignals | undefined;
  probe: Desk["probe"];
}

/** Wires a server to the drain. One that listens already stays where it is; connections are known from now on. */
export function nodeWiring(server: NodeServerLike): Wiring {
  const speaksHttp2 = "updateSettings" in server;
  // Bun's server of `node:https` has no other mark.
  const secure = "setSecureContext" in server || "ALPNProtocols" in server;
  let watch = new Watch();
  let lives = 0;
  let adopted: Place | undefined;
  watchServer(server, {
    connection: (socket: SocketLike) => {
      // One of HTTP/2 without TLS is a session, and nothing else.
      if (!speaksHttp2 || secure) watch.connections.opened(socket);
    },
    secureConnection: (socket: SocketLike) => {
      // On Bun it is the same socket as before.
      if (socket.alpnProtocol === "h2") watch.connections.forget(socket);
      else watch.connections.opened(socket);
    },
    session: (session: SessionLike) => watch.sessions.opened(session),
    stream: (stream: StreamLike, headers: Readonly<Record<string, string>>) => {
      watch.sessions.requested(stream);
      watch.signals?.note(stream, stream);
      const method = headers[":method"];
      const probe = probed(watch, method, headers[":path"]);
      void probe?.then(({ status, body }) => {
        if (stream.destroyed) return;
        stream.respond({ ":status": status, ...PROBE_FIELDS });
        stream.end(method === "HEAD" ? undefined : body);
      });
      return probe !== undefined;
    },
    request: (request: RequestLike, answer: AnswerLike) => {
      // One of HTTP/2 was seen as a stream.
      if (request.httpVersionMajor > 1) watch.signals?.note(request, answer);
      else if (!watch.connections.requested(request, answer)) return true;
      const probe = probed(watch, request.method, request.url);
      void probe?.then(({ status, body }) => {
        answer.writeHead(status, PROBE_FIELDS);
        answer.end(body);
      });
      return probe !== undefined;
    },
    upgrade: (request: RequestLike) => {
      if (request.httpVersionMajor < 2) watch.connections.upgraded(request);
    },
  });

  return async (place, desk) => {
    if (lives++ > 0) watch = new Watch();
    const { connections, sessions } = watch;
    watch.signals = new RequestSignals(desk.ending);
    connections.giveSignals(watch.signals);
    watch.probe = desk.probe;
    if (server.listening) adopted = placeOf(server, place, true);
    else await listen(server, adopted ?? place);
    const found = placeOf(server, adopted ?? place, false);
    let closed: Promise<void> | undefined;
    const announce = () => {
      connections.announce();
      sessions.announce();
    };
    const close = async () => {
      announce();
      // What the system has accepted meanwhile would be reset.
      await new Promise((resolve) => setTimeout(resolve));
      const listener = closeListener(server);
      await Promise.all([connections.close(), sessions.close()]);
      if (!adopted) return listener;
      // What was accepted before the server was given to us.
      const poll = setInterval(() => server.closeIdleConnections?.(), QUIET_MS);
      await listener.finally(() => clearInterval(poll));
    };
    const wired: Wired = {
      url: urlOf(found, secure),
      port: found.path === undefined ? found.port : undefined,
      inFlight: () => connections.inFlight + sessions.inFlight,
      announce,
      close: () => closed ??= close(),
      closeWebSockets: () => connections.closeWebSockets(),
      cut() {
        if (server.listening) server.close();
        sessions.cut();
        connections.cut();
        server.closeAllConnections?.();
        return 0;
      },
    };
    return wired;
  };
}

/** What is done about what a server tells. True: it was for us, and the application does not hear of it. */
type Seen = Readonly<Record<string, (...args: never[]) => unknown>>;

/**
 * Sees what a server tells before the application does. Listeners of our own would change what the server does: one of
 * "upgrade" takes every upgrade, one of "request" has HTTP/2 make two requests of one.
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

/** The answer to a request that asks for the application's health; undefined where it asks for anything else. */
function probed(
  { probe }: Watch,
  method: string | undefined,
  path: string | undefined,
): Promise<ProbeAnswer> | undefined {
  return probe && path !== undefined ? probeOf(probe, method, path) : undefined;
}

function listen(server: NodeServerLike, { host, port, path }: Place): Promise<void> {
  return new Promise((resolve, reject) => {
    const settle = () => {
      server.removeListener("listening", up);
      server.removeListener("error", fail);
    };
    const up = () => {
      settle();
      resolve();
    };
    const fail = (error: unknown) => {
      settle();
      reject(error);
    };
    server.on("listening", up);
    server.on("error", fail);
    try {
      server.listen(path === undefined ? { host, port } : { path });
    } catch (error) {
      fail(error);
    }
  });
}

/** Resolves when the server's last connection has ended. */
function closeListener(server: NodeServerLike): Promise<void> {
  return new Promise((resolve) => {
    if (!server.listening) return resolve();
    // `close` would call it, and cut what a request is just arriving on, and answers that are not read to their end.
    const restores = [server, ...innerServers(server)].map((one) => {
      const own = Object.getOwnPropertyDescriptor(one, "closeIdleConnections");
      Object.defineProperty(one, "closeIdleConnections", { configurable: true, value: () => 0 });
      return () => {
        if (own) Object.defineProperty(one, "closeIdleConnections", own);
        else Reflect.deleteProperty(one, "closeIdleConnections");
      };
    });
    server.close(() => resolve());
    for (const restore of restores) restore();
  });
}

/** Bun keeps a server of its own behind that of `node:http`, under a symbol, and calls that one's. */
function innerServers(server: NodeServerLike): object[] {
  return Object.getOwnPropertySymbols(server).flatMap((key) => {
    const inner: unknown = Reflect.get(server, key);
    return typeof inner === "object" && inner !== null && "closeIdleConnections" in inner ? [inner] : [];
  });
}

/** Where a server listens really. */
function placeOf(server: NodeServerLike, { host, port }: Place, adopted: boolean): Place {
  const address = server.address();
  if (typeof address === "string") return { host, port, path: address };
  return { host: adopted && address ? address.address : host, port: address?.port ?? port };
}
