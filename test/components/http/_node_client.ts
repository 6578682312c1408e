/**
 * Servers in this process, and clients that tell how their connection ended: by an orderly end, or by a reset.
 * @module
 */
import { connect, type Socket } from "node:net";
import { connect as connectTls } from "node:tls";
import { onTestFinished } from "vitest";
import {
  type HttpServer,
  httpServer,
  type HttpServerOptions,
  type NodeServerLike,
} from "../../../components/http.ts";
import { type Serving, serving as servingBy } from "./_serving.ts";

/** Options of a test's server. */
export interface ServingOptions extends HttpServerOptions {
  /** Milliseconds for the drain. Default 2000. */
  readonly drainMs?: number;
}

/** Starts a bus with a server on a free port, and exits it after the test. */
export function serving(
  server: NodeServerLike,
  { drainMs, ...options }: ServingOptions = {},
): Promise<Serving> {
  const where = options.port === undefined && options.path === undefined ? { port: 0 } : {};
  return servingBy(httpServer(server, { ...where, ...options }), { drainMs });
}

/** A client that never ends its connection by itself, so that only the server can. */
export interface Client {
  readonly socket: Socket;
  /** All that it received. */
  readonly text: string;
  /** Sends text as it is. */
  send(text: string): void;
  /** Asks for a path. */
  get(path: string): void;
  /** Resolves when all it received contains `text`; rejects where the connection ends without. */
  received(text: string): Promise<string>;
  /** Resolves to how the connection ended, and when: "end" is orderly, all else is the code of an error. */
  readonly ended: Promise<{ readonly how: string; readonly at: number }>;
}

/** Connects to a server, and says nothing yet. */
export async function connectTo(
  { port, path }: { readonly port?: number | undefined; readonly path?: string },
  options: { readonly tls?: boolean } = {},
): Promise<Client> {
  const where = path === undefined ? { host: "127.0.0.1", port: port ?? 0 } : { path };
  const socket = options.tls
    ? connectTls({ ...where, rejectUnauthorized: false })
    : connect({ ...where, allowHalfOpen: true });
  onTestFinished(() => void socket.destroy());
  let text = "";
  let over = false;
  const waiting = new Set<() => void>();
  const look = () => waiting.forEach((one) => one());
  socket.setEncoding("utf8").on("data", (chunk: string) => {
    text += chunk;
    look();
  });
  const ended = new Promise<{ how: string; at: number }>((resolve) => {
    const end = (how: string) => {
      over = true;
      resolve({ how, at: performance.now() });
      look();
    };
    socket.on("end", () => {
      end("end");
      socket.end();
    });
    socket.on("error", (error: Error & { code?: string }) => end(error.code ?? error.message));
    socket.on("close", () => end("close"));
  });
  await new Promise<void>((resolve, reject) => {
    socket.once(options.tls ? "secureConnect" : "connect", () => resolve());
    socket.once("error", reject);
  });
  const send = (words: string) => void socket.write(words);
  return {
    socket,
    ended,
    send,
    get text() {
      return text;
    },
    get: (where) => send(`GET ${where} HTTP/1.1\r\nHost: localhost\r\n\r\n`),
    received: (wanted) =>
      new Promise((resolve, reject) => {
        const one = () => {
          if (text.includes(wanted)) resolve(text);
          else if (over) reject(new Error(`It ended without "${wanted}": ${JSON.stringify(text)}`));
          else return;
          waiting.delete(one);
        };
        waiting.add(one);
        one();
      }),
  };
}

/** Resolves when the server has seen so many requests. */
export function seen(http: HttpServer, requests: number): Promise<void> {
  return new Promise((resolve) => {
    const look = () => http.inFlight >= requests ? resolve() : void setTimeout(look, 2);
    look();
  });
}
