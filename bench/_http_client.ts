/**
 * A client of HTTP/1.1 as sockets see it: what a connection is told, and how it ends.
 * @module
 */
import { connect, type Socket } from "node:net";

/**
 * A connection to a server of the bench, as those in a pool: it closes where an answer says so, and else it stays open
 * on its side and does not look whether the server has closed.
 */
export interface Connection {
  /** Sends a request; resolves when the answer is whole, or with the error that came instead. */
  get(path: string): Promise<Answer>;
  /** Whether the server has closed it, or cut it. */
  ended(): boolean;
  destroy(): void;
}

/** What came back. */
export interface Answer {
  /** Whether it came to its end. */
  readonly whole: boolean;
  /** Whether it says that the connection closes. */
  readonly closes: boolean;
  readonly at: number;
}

/** Connects to 127.0.0.1. Rejects where the port is refused. */
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
  // The server's error is told by what is missing of the answer.
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

/** Enough for the answers of the bench: a length, or chunks with the last one empty. */
function isWhole(text: string): boolean {
  const head = text.indexOf("\r\n\r\n");
  if (head < 0) return false;
  const [, length] = /^content-length: *(\d+)/im.exec(text.slice(0, head + 2)) ?? [];
  if (length !== undefined) return text.length >= head + 4 + Number(length);
  return text.endsWith("\r\n0\r\n\r\n");
}
