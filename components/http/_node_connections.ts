/**
 * The connections of HTTP/1.1 of one server: which of them are idle, on which a request is under way or just being
 * sent, and how each is ended so that its client sees an orderly end.
 * @module
 */
import type { AnswerLike, RequestLike, SocketLike } from "./_node_like.ts";
import type { RequestSignals, ResponseLike } from "./request_signal.ts";

/** How often the connections are looked at while the server drains. */
const LOOK_MS = 10;

/**
 * A connection is quiet when nothing came between so many looks: what its client sent in the same instant has arrived
 * then. Looks are counted, and not time: where the thread was busy, nothing was read either.
 */
const QUIET_LOOKS = 3;

/** The same of one whose client was told the end: TCP may hold a part of a request back for 40 ms, until it hears of the last. */
const LAST_LOOKS = 6;

/** About how long a connection is quiet before it is ended, in milliseconds. */
export const QUIET_MS: number = LOOK_MS * QUIET_LOOKS;

/**
 * A frame without a mask that closes a WebSocket with 1001, going away.
 * @see https://www.rfc-editor.org/rfc/rfc6455#section-7.4.1
 */
const GOING_AWAY = new Uint8Array([0x88, 0x02, 0x03, 0xe9]);

interface Connection {
  readonly socket: SocketLike;
  /** The answer to the request that came last, also when it is at its end. */
  newest?: AnswerLike;
  /** Those before it that were not at their end when it began, in the order of their requests. */
  readonly older: AnswerLike[];
  /** Called by an answer that is at its end, where somebody has to know at once. */
  readonly answered: () => void;
  /** The answer that says that the connection closes. */
  last?: AnswerLike;
  /** What was received when nothing was under way, where that is known; more than that is a request being sent. */
  atRest: number | undefined;
  /** What was received when it was looked at last. */
  received: number;
  /** How many looks nothing has come since. */
  quiet: number;
  /** Whether it speaks another protocol now. */
  upgraded?: "websocket" | "other";
  /** Whether its client was told the end. */
  ended: boolean;
}

/** All connections of HTTP/1.1 of one server. */
export class NodeConnections {
  readonly #connections = new Map<SocketLike, Connection>();
  #signals: RequestSignals | undefined;
  #announced = false;
  #closing = false;
  #look: ReturnType<typeof setInterval> | undefined;
  #empty: (() => void) | undefined;

  /** How many requests are not answered to their end, and how many connections were upgraded. */
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

  /** A connection was accepted. */
  opened(socket: SocketLike): Connection {
    const known = this.#connections.get(socket);
    if (known) return known;
    const connection: Connection = {
      socket,
      older: [],
      answered: () => atRest(connection),
      atRest: 0,
      received: socket.bytesRead,
      quiet: 0,
      ended: false,
    };
    this.#connections.set(socket, connection);
    this.#sign(connection);
    if (this.#announced) this.#endInOrder(connection);
    socket.once("close", () => this.forget(socket));
    return connection;
  }

  /** A connection is gone, or is none of HTTP/1.1. */
  forget(socket: SocketLike): void {
    if (this.#connections.delete(socket) && this.#connections.size === 0) this.#empty?.();
  }

  /** A request came. False where its client was told the end already: it gets no answer, so nobody is to work on it. */
  requested(request: RequestLike, answer: AnswerLike): boolean {
    const connection = this.opened(request.socket);
    const { last, newest, older } = connection;
    if (answer === newest || older.includes(answer)) return true;
    if (connection.ended || (last && saysClose(last))) return false;
    while (older[0]?.destroyed) older.shift();
    if (newest && !newest.destroyed) older.push(newest);
    connection.newest = answer;
    if (this.#announced) announceBy(connection, answer);
    // A listener for each request would cost more than all else here.
    if (this.#announced || hasBody(request)) answer.on("close", connection.answered);
    else connection.atRest = connection.socket.bytesRead;
    return true;
  }

  /** A connection speaks another protocol from now on. */
  upgraded({ headers, socket }: RequestLike): void {
    this.opened(socket).upgraded = headers.upgrade?.toLowerCase() === "websocket" ? "websocket" : "other";
  }

  /** From now on every answer says that its connection closes, also those that are not begun. */
  announce(): void {
    if (this.#announced) return;
    this.#announced = true;
    for (const connection of this.#connections.values()) {
      this.#endInOrder(connection);
      for (const answer of openAnswers(connection)) {
        announceBy(connection, answer);
        answer.on("close", connection.answered);
      }
    }
    this.#look = setInterval(() => {
      for (const connection of this.#connections.values()) this.#lookAt(connection);
    }, LOOK_MS);
  }

  /** Ends what is idle, and all else as it becomes idle. Resolves when no connection is left. */
  close(): Promise<void> {
    this.announce();
    this.#closing = true;
    for (const connection of this.#connections.values()) connection.quiet = 0;
    return new Promise((resolve) => {
      this.#empty = () => {
        clearInterval(this.#look);
        resolve();
      };
      if (this.#connections.size === 0) this.#empty();
    });
  }

  /** Says goodbye to the WebSockets. */
  closeWebSockets(): void {
    for (const { socket, upgraded } of this.#connections.values()) {
      if (upgraded === "websocket" && !socket.destroyed) socket.write(GOING_AWAY);
    }
  }

  /** Cuts all. */
  cut(): void {
    clearInterval(this.#look);
    for (const { socket } of this.#connections.values()) socket.destroy();
  }

  #sign(connection: Connection): void {
    const { socket } = connection;
    this.#signals?.noteAll(socket, (request) => {
      if (connection.upgraded) return openSocket(socket);
      return answersOf(connection).find(({ req }) => req === request);
    });
  }

  /** The server destroys a connection after its last answer: with a request unread on it, the client sees a reset. */
  #endInOrder(connection: Connection): void {
    connection.socket.destroySoon = () => this.#end(connection);
  }

  #end(connection: Connection): void {
    connection.ended = true;
    connection.quiet = 0;
    // What is left unread is answered with a reset.
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
    } else if (connection.quiet >= QUIET_LOOKS && this.#closing && isIdle(connection)) {
      this.#end(connection);
    }
  }
}

/** Pipelined requests are all answered: only the answer to the one that came last ends the connection. */
function announceBy(connection: Connection, answer: AnswerLike): void {
  const { last } = connection;
  if (last && !last.headersSent) last.removeHeader("Connection");
  connection.last = answer;
  if (!answer.headersSent) answer.setHeader("Connection", "close");
}

/** Whether its client was told that no further request is answered, whatever the application made of it. */
function saysClose(answer: AnswerLike): boolean {
  return answer.headersSent && String(answer.getHeader("Connection")).toLowerCase() === "close";
}

/** Of one on which nothing has come for a while. */
function isIdle(connection: Connection): boolean {
  const { upgraded, newest, received, atRest = received } = connection;
  if (openAnswers(connection).length > 0 || upgraded) return false;
  return (newest?.req.complete ?? true) && received === atRest;
}

/** Whether something follows its head. @see https://www.rfc-editor.org/rfc/rfc9112#section-6.3 */
function hasBody({ headers }: RequestLike): boolean {
  return headers["content-length"] !== undefined || headers["transfer-encoding"] !== undefined;
}

/** A connection that speaks another protocol, as the answer to the request that asked for it: it ends with the client. */
function openSocket(socket: SocketLike): ResponseLike {
  return {
    writableFinished: false,
    destroyed: socket.destroyed,
    once: (name, listener) => socket.once(name, listener),
  };
}

/** The answers that are not at their end. */
function openAnswers(connection: Connection): AnswerLike[] {
  return answersOf(connection).filter(({ destroyed }) => !destroyed);
}

function answersOf({ newest, older }: Connection): AnswerLike[] {
  return newest ? [...older, newest] : older;
}

/** Notes what was received on a connection of which an answer has ended. */
function atRest(connection: Connection): void {
  connection.quiet = 0;
  connection.atRest = connection.newest?.req.complete ? connection.socket.bytesRead : undefined;
}
