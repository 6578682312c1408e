/**
 * The members of the servers of `node:http`, `node:https` and `node:http2` that are used here, as Node, Deno and Bun have them.
 * @module
 */
import type { ResponseLike } from "./request_signal.ts";

/** Where a server of Node's listens. */
export interface ListenOptions {
  /** The name or address. */
  readonly host?: string;
  /** The port; 0 picks a free one. */
  readonly port?: number;
  /** A unix socket instead of host and port. */
  readonly path?: string;
  /** A listening socket that the process has already. */
  readonly fd?: number;
}

/** The members of a server of `node:http`, `node:https` or `node:http2` that are used here. */
export interface NodeServerLike {
  /** Whether it listens. */
  readonly listening: boolean;
  /** Begins to listen. */
  listen(options: ListenOptions): unknown;
  /** Ends to listen. */
  close(done?: (error?: Error) => void): unknown;
  /** Where it listens. */
  address(): string | { readonly address: string; readonly port: number } | null;
  /** Calls `listener` at what the server tells. */
  on(name: string, listener: (...args: unknown[]) => void): unknown;
  /** Takes `listener` off. */
  removeListener(name: string, listener: (...args: unknown[]) => void): unknown;
  /** Tells its listeners. */
  emit(name: string, ...args: unknown[]): boolean;
  /** Closes the connections on which no request is under way; not on HTTP/2. */
  closeIdleConnections?(): void;
  /** Closes all connections that were not upgraded; not on HTTP/2. */
  closeAllConnections?(): void;
  /** How long an idle connection is kept, in milliseconds; not on HTTP/2. */
  keepAliveTimeout?: number;
}

/** The members of a connection that are used here. */
export interface SocketLike {
  /** How much was received; 0 on Bun. */
  readonly bytesRead: number;
  /** Whether it is gone. */
  readonly destroyed: boolean;
  /** Whether all that was written was handed to the system. */
  readonly writableFinished: boolean;
  /** The protocol that a TLS client chose. */
  readonly alpnProtocol?: string | false | null;
  /** Ends it by itself when all is written: the server calls it after the last answer. */
  destroySoon?: () => void;
  /** Sends bytes. */
  write(bytes: Uint8Array): unknown;
  /** Says that nothing more will be sent. */
  end(): unknown;
  /** Cuts it. */
  destroy(): unknown;
  /** Calls `listener` when it is gone. */
  once(name: "close", listener: () => void): unknown;
}

/** The members of a request that are used here. */
export interface RequestLike {
  readonly method?: string;
  readonly url?: string;
  readonly httpVersionMajor: number;
  /** Whether all of it was received. */
  readonly complete: boolean;
  readonly headers: {
    readonly accept?: string;
    readonly upgrade?: string;
    readonly "content-length"?: string;
    readonly "transfer-encoding"?: string;
  };
  readonly socket: SocketLike;
  /** Has the rest of its body read, and thrown away. */
  resume(): unknown;
}

/** The members of an answer that are used here. */
export interface AnswerLike extends ResponseLike {
  /** The request that it answers. */
  readonly req: RequestLike;
  readonly headersSent: boolean;
  on(name: "close" | "finish", listener: () => void): unknown;
  prependListener(name: "finish", listener: () => void): unknown;
  setHeader(name: string, value: string): unknown;
  getHeader(name: string): unknown;
  removeHeader(name: string): void;
  writeHead(status: number, headers: Readonly<Record<string, string>>): unknown;
  end(text?: string): unknown;
}

/** The members of a stream of HTTP/2 that are used here. */
export interface StreamLike extends ResponseLike {
  readonly session?: SessionLike;
  once(name: "close" | "error", listener: () => void): unknown;
  respond(headers: Readonly<Record<string, string | number>>): void;
  end(text?: string): unknown;
}

/** The members of a connection of HTTP/2 that are used here. */
export interface SessionLike {
  /** Whether it takes no more streams, or is gone. */
  readonly closed: boolean;
  readonly destroyed: boolean;
  /** Sends GOAWAY: streams with a higher id than `last` are refused. */
  goaway(code: number, last: number): void;
  /** Sends GOAWAY with the id of the last stream, lets the streams end, and then closes. */
  close(): void;
  /** Cuts it, for the reason of a code. */
  destroy(code?: number): void;
  /** Calls `listener` when it is gone. */
  once(name: "close", listener: () => void): unknown;
}
