/**
 * The HTTP/1.1 connections of one server: which of them are idle, which have a request in flight or one that is just
 * arriving, and how each is ended so that its client sees an orderly end.
 * @module
 */
import { keepAtFinish } from "./_deno_finish.ts";
import type { AnswerLike, RequestLike, SocketLike } from "./_node_like.ts";
import { type OpenConnection, OpenConnections, QUIET_LOOKS } from "./_open_connections.ts";
import type { RequestSignals, ResponseLike } from "./request_signal.ts";

/** As `QUIET_LOOKS`, for a connection that is half closed: TCP may hold a part of a request back for 40 ms, until the last part is acknowledged. */
const LAST_LOOKS = 6;

/**
 * A frame without a mask that closes a WebSocket with 1001, going away.
 * @see https://www.rfc-editor.org/rfc/rfc6455#section-7.4.1
 */
const GOING_AWAY = new Uint8Array([0x88, 0x02, 0x03, 0xe9]);

interface Connection extends OpenConnection {
  readonly socket: SocketLike;
  /** The answer to the latest request, also when it is complete. */
  newest?: AnswerLike;
  /** Earlier answers that were not complete when the latest request came, in the order of their requests. */
  readonly older: AnswerLike[];
  /** Listener for the end of an answer. */
  readonly answered: () => void;
  /** The answer that says that the connection closes. */
  last?: AnswerLike;
  /** How many bytes had been received when no request was in flight, where that is known: more of them are a request that is arriving. */
  atRest: number | undefined;
  /** How many bytes had been received at the latest check. */
  received: number;
  /** Which other protocol it speaks now; "closing" is a WebSocket whose client was told 1001. */
  upgraded?: "websocket" | "closing" | "other";
  /** Whether the server has said that it sends no more. */
  ended: boolean;
}

/** All HTTP/1.1 connections of one server. */
export class NodeConnections {
  readonly #connections = new OpenConnections<SocketLike, Connection>();
  #signals: RequestSignals | undefined;

  /** How many requests are in flight, plus how many connections were upgraded. */
  get inFlight(): number {
    let count = 0;
    for (const connection of this.#connections.values()) {
      count += openAnswers(connection).length + (connection.upgraded ? 1 : 0);
    }
    return count;
  }

  /** From now on requests have their signals. */
  giveSignals(signals: RequestSignals): void {
    this.#signals = signals;
    for (const connection of this.#connections.values()) this.#sign(connection);
  }

  /** Notes a connection that was accepted. */
  opened(socket: SocketLike): Connection {
    const known = this.#connections.get(socket);
    if (known) return known;
    const connection: Connection = {
      socket,
      since: performance.now(),
      older: [],
      answered: () => atRest(connection),
      atRest: 0,
      received: socket.bytesRead,
      quiet: 0,
      ended: false,
    };
    this.#connections.add(socket, connection);
    this.#sign(connection);
    if (this.#connections.isAnnounced) this.#endInOrder(connection);
    socket.once("close", () => this.forget(socket));
    return connection;
  }

  /** Forgets a connection that has ended, or that speaks HTTP/2. */
  forget(socket: SocketLike): void {
    this.#connections.delete(socket);
  }

  /** Notes a request. False where the client was told before that its connection closes: the request must not be handled, since its answer cannot be sent. */
  requested(request: RequestLike, answer: AnswerLike): boolean {
    const connection = this.opened(request.socket);
    const { last, newest, older } = connection;
    if (answer === newest || older.includes(answer)) return true;
    if (connection.ended || (last && saysClose(last))) return false;
    while (older[0]?.destroyed) older.shift();
    if (newest && !newest.destroyed) older.push(newest);
    connection.newest = answer;
    if (this.#connections.isAnnounced) announceBy(connection, answer);
    // Not for each request: the listener would cost more than everything else here.
    if (this.#connections.isAnnounced || hasBody(request)) answer.on("close", connection.answered);
    else connection.atRest = connection.socket.bytesRead;
    return true;
  }

  /** Notes that a connection was upgraded to another protocol. */
  upgraded({ headers, socket }: RequestLike): void {
    this.opened(socket).upgraded = headers.upgrade?.toLowerCase() === "websocket" ? "websocket" : "other";
  }

  /** From now on every answer says that its connection closes, also those in flight whose head is not sent yet. */
  announce(): void {
    const tell = (connection: Connection) => {
      this.#endInOrder(connection);
      for (const answer of openAnswers(connection)) {
        announceBy(connection, answer);
        answer.on("close", connection.answered);
      }
    };
    this.#connections.announce(tell, (connection) => this.#lookAt(connection));
  }

  /** Ends the idle connections, and the others when they become idle. Resolves when no connection is left. */
  close(): Promise<void> {
    this.announce();
    return this.#connections.close();
  }

  /** Closes the WebSockets with 1001. May be called again, for those that have come since. */
  closeWebSockets(): void {
    for (const connection of this.#connections.values()) {
      const { socket, upgraded } = connection;
      if (upgraded !== "websocket" || socket.destroyed) continue;
      connection.upgraded = "closing";
      socket.write(GOING_AWAY);
    }
  }

  /** From now on a connection without a request has no time to send one. */
  endFresh(): void {
    this.#connections.endFresh();
  }

  /** Cuts all. */
  cut(): void {
    this.#connections.stopLooking();
    for (const { socket } of this.#connections.values()) socket.destroy();
  }

  #sign(connection: Connection): void {
    const { socket } = connection;
    this.#signals?.noteAll(socket, (request) => {
      if (connection.upgraded) return openSocket(socket);
      return answersOf(connection).find(({ req }) => req === request);
    });
  }

  /** Replaces how the server ends a connection after its last answer: it destroys it, and with unread bytes on it the client sees a reset. */
  #endInOrder(connection: Connection): void {
    connection.socket.destroySoon = () => this.#end(connection);
  }

  #end(connection: Connection): void {
    connection.ended = true;
    connection.quiet = 0;
    // Read the rest of the body: unread bytes are answered with a reset.
    connection.newest?.req.resume();
    connection.socket.end();
  }

  #lookAt(connection: Connection): void {
    const { socket } = connection;
    if (socket.destroyed) return this.forget(socket);
    const { bytesRead } = socket;
    connection.quiet = bytesRead === connection.received ? connection.quiet + 1 : 0;
    connection.received = bytesRead;
    if (connection.ended) {
      if (connection.quiet >= LAST_LOOKS && socket.writableFinished) socket.destroy();
    } else if (connection.quiet >= QUIET_LOOKS && this.#connections.isClosing && isIdle(connection)) {
      if (connection.newest || !this.#connections.isFresh(connection)) this.#end(connection);
    }
  }
}

/** Has the answer say that its connection closes. Of pipelined requests only the last one does, so that all are answered. */
function announceBy(connection: Connection, answer: AnswerLike): void {
  const { last } = connection;
  if (last && !last.headersSent) last.removeHeader("Connection");
  connection.last = answer;
  if (!answer.headersSent) answer.setHeader("Connection", "close");
  else if (!saysClose(answer)) keepAtFinish(connection.socket, answer);
}

/** Whether an answer that was begun says that its connection closes, whatever the application has set. */
function saysClose(answer: AnswerLike): boolean {
  return answer.headersSent && String(answer.getHeader("Connection")).toLowerCase() === "close";
}

/** Whether a quiet connection has no request in flight and none that is arriving. */
function isIdle(connection: Connection): boolean {
  const { upgraded, newest, received, atRest = received } = connection;
  if (openAnswers(connection).length > 0 || upgraded) return false;
  return (newest?.req.complete ?? true) && received === atRest;
}

/** Whether a body follows the head of a request. @see https://www.rfc-editor.org/rfc/rfc9112#section-6.3 */
function hasBody({ headers }: RequestLike): boolean {
  return headers["content-length"] !== undefined || headers["transfer-encoding"] !== undefined;
}

/** An upgraded connection in the role of the answer to its request: it ends when the client goes away. */
function openSocket(socket: SocketLike): ResponseLike {
  return {
    writableFinished: false,
    destroyed: socket.destroyed,
    once: (name, listener) => socket.once(name, listener),
  };
}

/** The answers that are not complete. */
function openAnswers(connection: Connection): AnswerLike[] {
  return answersOf(connection).filter(({ destroyed }) => !destroyed);
}

function answersOf({ newest, older }: Connection): AnswerLike[] {
  return newest ? [...older, newest] : older;
}

/** Notes how many bytes had been received when an answer ended. */
function atRest(connection: Connection): void {
  connection.quiet = 0;
  connection.atRest = connection.newest?.req.complete ? connection.socket.bytesRead : undefined;
}
