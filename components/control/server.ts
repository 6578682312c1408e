/**
 * One listening server of control: it answers, and keeps nothing alive.
 * @module
 */
import type { Clock } from "../../src/platform.ts";
import type { AskLike, ConnectionLike, ReplyLike } from "./_node_http.ts";
import { Connections } from "./_connections.ts";

/** Answers one request; `whole` is to be called once all of it has come. */
export type Answer = (
  request: { readonly ask: AskLike; readonly reply: ReplyLike; readonly whole: () => void },
) => Promise<void>;

/** The parts that a server needs. */
export interface ServerParts {
  /** The module `node:http`. */
  readonly http: { createServer(options: Readonly<Record<string, number>>): object };
  readonly clock: Clock;
  readonly answer: Answer;
  /** The server has failed while it listened, as where the process has no file descriptor left. */
  readonly failed: (error: unknown) => void;
}

/** Where a server listens. */
export type ListenAt = { readonly path: string } | { readonly host: string; readonly port: number };

/** The time that answers have to leave the process when the server closes, in milliseconds. */
const FLUSH_MS = 500;

/** The longest time of a timer, so that Node looks for slow requests on no timer of its own: {@linkcode Connections} does. */
const NEVER_MS = 2 ** 31 - 1;

/** A server that listens. */
export class ControlServer {
  readonly #server: NodeServer;
  readonly #connections: Connections;
  readonly #clock: Clock;
  readonly #answering = new Set<ReplyLike>();

  private constructor(server: NodeServer, connections: Connections, clock: Clock) {
    this.#server = server;
    this.#connections = connections;
    this.#clock = clock;
  }

  /**
   * Listens. The socket of a path is made before this first waits for anything.
   * @throws {Error} If it cannot.
   */
  static async listen(
    at: ListenAt,
    { http: { createServer }, clock, answer, failed }: ServerParts,
  ): Promise<ControlServer> {
    const connections = new Connections(clock);
    const server = createServer({
      connectionsCheckingInterval: NEVER_MS,
      maxHeaderSize: 16_384,
      keepAliveTimeout: 5_000,
    }) as unknown as NodeServer;
    const control = new ControlServer(server, connections, clock);
    server.on("connection", (connection) => connections.add(connection as ConnectionLike));
    server.on("request", (ask, reply) => control.#request(ask as AskLike, reply as ReplyLike, answer));
    // A protocol that nobody speaks here, such as WebSocket, is answered as any other request.
    await new Promise<void>((resolve, reject) => {
      server.on("error", reject);
      server.listen(at, () => resolve());
    });
    server.on("error", failed);
    server.unref();
    return control;
  }

  /** The port where it listens; undefined on a path. */
  get port(): number | undefined {
    const address = this.#server.address();
    return typeof address === "object" && address !== null ? address.port : undefined;
  }

  /** Accepts no more, waits a moment until the answers under way are sent, and cuts what is left. Never rejects. */
  async close(): Promise<void> {
    this.#server.close();
    const sent = Promise.all([...this.#answering].map((reply) =>
      new Promise<void>((resolve) => {
        reply.on("close", resolve);
        reply.on("finish", resolve);
      })
    ));
    if (this.#answering.size > 0) {
      let disarm: (() => void) | undefined;
      const late = new Promise<void>((resolve) => disarm = this.#clock.setTimer(FLUSH_MS, resolve));
      await Promise.race([sent, late]);
      disarm?.();
    }
    this.#connections.close();
  }

  #request(ask: AskLike, reply: ReplyLike, answer: Answer): void {
    this.#answering.add(reply);
    reply.on("close", () => this.#answering.delete(reply));
    reply.on("finish", () => this.#answering.delete(reply));
    // A client that goes away in the middle is no failure of anybody.
    reply.on("error", () => {});
    ask.on("error", () => {});
    void answer({ ask, reply, whole: () => this.#connections.answering(ask, reply) });
  }
}

/** The members of a server of `node:http` that are used here. */
interface NodeServer {
  listen(at: ListenAt, listening: () => void): unknown;
  close(): unknown;
  unref(): unknown;
  address(): string | { readonly port: number } | null;
  on(name: string, listener: (...args: unknown[]) => void): unknown;
}
