/**
 * A client of HTTP/1.1 over plain sockets, which sees whether the server closes or cuts a connection.
 * @module
 */
import { connect, type Socket } from "node:net";

/**
 * A connection to a server of the bench, like one in a pool. The client closes it only if a response says so, and does not check
 * whether the server has closed it.
 */
export interface Connection {
  /** Sends a request; resolves when the response is complete, or to the error that came instead. */
  get(path: string): Promise<Answer>;
  /** Whether the server has closed or cut the connection. */
  ended(): boolean;
  destroy(): void;
}

/** A response. */
export interface Answer {
  /** Whether the response is complete. */
  readonly whole: boolean;
  /** Whether the response says that the connection closes. */
  readonly closes: boolean;
  readonly at: number;
}

/** Connects to 127.0.0.1. Rejects if the connection is refused. */
export function openConnection(port: number): Promise<Connection> {
  return new Promise((resolve, reject) => {
    const socket = connect({ port, host: "127.0.0.1", allowHalfOpen: true });
    socket.setNoDelay(true);
    socket.once("error", reject);
    socket.once("connect", () => resolve(connectionOf(socket)));
  });
}

function connectionOf(socket: Socket): Connection {
  let text = "";
  let ended = false;
  let settle: ((whole: boolean) => void) | undefined;
  const end = () => {
    ended = true;
    settle?.(false);
  };
  socket.setEncoding("latin1").on("data", (more: string) => {
    text += more;
    if (isWhole(text)) settle?.(true);
  });
  // An error of the connection is visible as an incomplete response.
  socket.on("error", end).on("end", end).on("close", end);
  return {
    get: (path) =>
      new Promise((resolve) => {
        text = "";
        settle = (whole) => {
          settle = undefined;
          const closes = /^connection: *close/im.test(text);
          resolve({ whole, closes, at: performance.now() });
          if (closes) socket.end();
        };
        if (ended) settle(false);
        else socket.write(`GET ${path} HTTP/1.1\r\nhost: 127.0.0.1\r\n\r\n`);
      }),
    ended: () => ended,
    destroy: () => socket.destroy(),
  };
}

/** Whether a response is complete, by its length or its last chunk. Enough for the responses of the bench. */
function isWhole(text: string): boolean {
  const head = text.indexOf("\r\n\r\n");
  if (head < 0) return false;
  const [, length] = /^content-length: *(\d+)/im.exec(text.slice(0, head + 2)) ?? [];
  if (length !== undefined) return text.length >= head + 4 + Number(length);
  return text.endsWith("\r\n0\r\n\r\n");
}
