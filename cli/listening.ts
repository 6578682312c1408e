/**
 * An HTTP server that listens, on whatever srvx serves by: node:http, `Deno.serve` or `Bun.serve`. They
 * differ in how requests in flight are counted, and in what a stop waits for.
 * @module
 */
import { lookup } from "node:dns/promises";
import type { Server as NodeServer, ServerResponse } from "node:http";
import type { Socket } from "node:net";
import { serve, type ServerRequest } from "srvx";
import { firstLine } from "./_place.ts";
import type { Fetch } from "./module.ts";

/** A server that listens. */
export interface Listening {
  /** Where, with the real port. */
  readonly url: string;
  /** How many requests are not answered to their end. */
  inFlight(): number;
  /** Accepts no more, and resolves when all is answered and closed. */
  close(): Promise<unknown>;
  /** Closes at once and cuts what is left. */
  cut(): void;
}

/** How often idle connections are closed while node:http stops: a busy one is idle only later. */
const POLL_MS = 50;

/**
 * Listens.
 * @throws {Error} Naming host and port where it cannot.
 */
export async function listen(fetch: Fetch, host: string, port: number): Promise<Listening> {
  let answer = fetch;
  const abort = new AbortController();
  const server = serve({
    fetch: (request) => answer(request),
    hostname: host,
    port,
    manual: true,
    silent: true,
    gracefulShutdown: false,
    deno: { signal: abort.signal },
    // Bun would cut a request that is silent for 10 s; the others have no such limit, and this is its longest.
    bun: { idleTimeout: 255 },
  });
  let watched: Watched;
  if (server.node?.server) {
    watched = watchNode(server.node.server as NodeServer);
  } else if (server.runtime === "deno") {
    const counted = countRequests(fetch);
    answer = counted.fetch;
    watched = watchDeno(counted.inFlight, abort);
  } else {
    watched = {
      inFlight: () => server.bun?.server?.pendingRequests ?? 0,
      closing() {},
      cut: () => void server.close(true),
    };
  }
  try {
    await server.serve();
  } catch (error) {
    throw new Error(`Cannot listen on ${host}:${port}: ${await whyNot(error, host)}`, { cause: error });
  }
  return {
    url: server.url ?? `http://${host}:${port}/`,
    inFlight: watched.inFlight,
    cut: watched.cut,
    close() {
      watched.closing();
      return server.close();
    },
  };
}

/** What each runtime's server needs beside `close`. */
interface Watched extends Pick<Listening, "inFlight" | "cut"> {
  /** The server is about to close. */
  closing(): void;
}

/** Deno counts no requests, but each tells when it was answered. */
function countRequests(fetch: Fetch): { fetch: Fetch; inFlight(): number } {
  let count = 0;
  const done = () => void count--;
  return {
    inFlight: () => count,
    fetch(request) {
      count++;
      (request as ServerRequest).runtime?.deno?.info?.completed?.then(done, done);
      return fetch(request);
    },
  };
}

/** `Deno.serve` is cut by its signal; once it closes, it can be cut no more, and ends with the process. */
function watchDeno(inFlight: () => number, abort: AbortController): Watched {
  let closed = false;
  return {
    inFlight,
    closing() {
      closed = true;
    },
    cut() {
      if (!closed) abort.abort();
    },
  };
}

/**
 * On node:http, `close()` closes idle connections once. One that is busy then is idle later and holds the
 * stop for its keep-alive time; one that never sent a byte holds it for ever (Node 20 to 24).
 */
function watchNode(server: NodeServer): Watched {
  const responses = new Set<ServerResponse>();
  const sockets = new Set<Socket>();
  let closing = false;
  server.on("connection", (socket: Socket) => {
    sockets.add(socket);
    socket.once("close", () => sockets.delete(socket));
  });
  server.prependListener("request", (_request, response: ServerResponse) => {
    responses.add(response);
    response.once("close", () => responses.delete(response));
    if (closing) response.setHeader("Connection", "close");
  });
  return {
    inFlight: () => responses.size,
    closing() {
      closing = true;
      for (const response of responses) if (!response.headersSent) response.setHeader("Connection", "close");
      const poll = setInterval(() => {
        server.closeIdleConnections();
        for (const socket of sockets) if (socket.bytesRead === 0) socket.destroy();
      }, POLL_MS);
      server.once("close", () => clearInterval(poll));
    },
    cut() {
      server.close();
      // Also those that were upgraded, which the server itself no longer knows.
      for (const socket of sockets) socket.destroy();
    },
  };
}

async function whyNot(error: unknown, host: string): Promise<string> {
  const { code } = Object(error) as { code?: unknown };
  if (code === "EADDRINUSE") return "the port is in use";
  if (code === "EACCES") return "this user may not use the port";
  if (code === "EADDRNOTAVAIL") return "no interface of this machine has the address";
  // Each runtime says something else of a name that it cannot look up, Bun whatever failed last.
  const found = await lookup(host).catch(() => undefined);
  return found ? firstLine(error) : "the name cannot be resolved";
}
