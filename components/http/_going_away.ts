/**
 * The WebSockets of one server, and how they are told that it stops.
 * @module
 */

/** The members of a WebSocket that are used here. */
export interface WebSocketLike {
  /** Begins the end. */
  close(code?: number, reason?: string): void;
  /** Calls `listener` when it has ended. */
  addEventListener(type: "close", listener: () => void): void;
}

/** The endpoint goes away, such as a server that stops. @see https://www.rfc-editor.org/rfc/rfc6455#section-7.4.1 */
const GOING_AWAY = 1001;

/** The WebSockets that are open. */
export class GoingAway {
  readonly #open = new Set<Pick<WebSocketLike, "close">>();

  /** How many are open. */
  get size(): number {
    return this.#open.size;
  }

  /** Adds a WebSocket that tells by an event when it has ended. */
  add(socket: WebSocketLike): void {
    this.opened(socket);
    socket.addEventListener("close", () => this.closed(socket));
  }

  /** Adds a WebSocket; {@linkcode closed} is called when it has ended. */
  opened(socket: Pick<WebSocketLike, "close">): void {
    this.#open.add(socket);
  }

  /** Takes a WebSocket out that has ended. */
  closed(socket: Pick<WebSocketLike, "close">): void {
    this.#open.delete(socket);
  }

  /** Closes all of them with 1001. Those that are closing already do not mind. */
  close(): void {
    for (const socket of this.#open) socket.close(GOING_AWAY);
  }
}
