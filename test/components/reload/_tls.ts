/**
 * Servers that speak TLS, and the handshakes of their clients.
 * @module
 */
import { chmodSync, writeFileSync } from "node:fs";
import { createServer as createHttpServer, type RequestListener } from "node:http";
import { createSecureServer } from "node:http2";
import { createServer as createHttpsServer } from "node:https";
import type { AddressInfo, Server, Socket } from "node:net";
import { join } from "node:path";
import { connect, createServer as createTlsServer, type TLSSocket } from "node:tls";
import { onTestFinished } from "vitest";
import type { TlsServerLike } from "../../../components/reload.ts";
import { runtime } from "../../spawn.ts";
import { LOCALHOST, type Pair } from "./_certificates.ts";
import { newFolder } from "./_bus.ts";

type TlsServer = Server & TlsServerLike;

const answer: RequestListener = (_, response) => response.end("Hello");

/** The servers that can be told another certificate on this runtime. */
export const KINDS: Readonly<Record<string, (options: object) => TlsServer>> = {
  ...runtime !== "bun" && { "node:https": (options) => createHttpsServer(options, answer) },
  "node:http2": (options) =>
    createSecureServer({ allowHTTP1: true, ...options }, (_, response) => response.end("Hello")) as never,
  "node:tls": (options) =>
    createTlsServer(options, (socket) => void socket.pipe(socket).on("error", () => {})),
  "node:tls before node:http": (options) => {
    const http = createHttpServer(answer);
    return createTlsServer(options, (socket) => void http.emit("connection", socket));
  },
};

/** Listens until the test is over. */
export async function listen(server: Server, path?: string): Promise<number> {
  await new Promise<void>((resolve) => {
    if (path === undefined) server.listen(0, "127.0.0.1", resolve);
    else server.listen(path, resolve);
  });
  onTestFinished(() => void server.close());
  return (server.address() as AddressInfo | null)?.port ?? 0;
}

/** The files of a certificate and its key. */
export class PairFiles {
  readonly folder = newFolder();
  readonly cert: string = join(this.folder, "cert.pem");
  readonly key: string = join(this.folder, "key.pem");

  constructor() {
    this.write(LOCALHOST);
  }

  /** Replaces both, or one of them. */
  write({ cert, key }: Partial<Pair>, mode = 0o600): void {
    if (cert !== undefined) writeFileSync(this.cert, cert);
    if (key === undefined) return;
    writeFileSync(this.key, key);
    chmodSync(this.key, mode);
  }
}

let handshakes = 0;

/** Shakes hands, and keeps the connection. */
export function open(port: number, options: object = {}): Promise<TLSSocket> {
  // Deno would go on with an earlier session of the same name, and show the certificate of that.
  const servername = runtime === "deno" ? { servername: `${++handshakes}.invalid` } : {};
  const all = { port, host: "127.0.0.1", rejectUnauthorized: false, ...servername, ...options };
  return new Promise((resolve, reject) => {
    const socket = connect(all, () => resolve(socket));
    socket.on("error", reject);
    onTestFinished(() => void socket.destroy());
  });
}

/** Whose certificate a handshake shows. */
export async function shown(port: number, options: object = {}): Promise<string> {
  const socket = await open(port, options);
  const { subject } = socket.getPeerCertificate();
  socket.destroy();
  return String(subject.CN);
}

/** Sends a word to a server that echoes, and reads it. */
export function echo(socket: Socket, word: string): Promise<string> {
  return new Promise((resolve, reject) => {
    socket.once("data", (data) => resolve(String(data)));
    socket.once("error", reject);
    socket.write(word);
  });
}
