/**
 * The WebSockets of one server, and how they are told that it stops.
 * @module
 */

/** What is used of a WebSocket. */
export interface WebSocketLike {
  /** Begins the end. */
  close(code?: number, reason?: string): void;
  /** Calls `listener` when it has ended. */
  addEventListener(type: "close", listener: () => void): void;
}

/** The endpoint goes away, such as a server that stops. @see https://www.rfc-editor.org/rfc/rfc6455#section-7.4.1 */
export const GOING_AWAY = 1001;

/** WebSockets that are open. */
export class GoingAway {
  readonly #open = new Set<Pick<WebSocketLike, "close">>();
  readonly #waiting: (() => void)[] = [];

  /** How many are open. */
  get size(): number {
    return this.#open.size;
  }

  /** One that tells itself when it has ended. */
  add(socket: WebSocketLike): void {
    this.opened(socket);
    socket.addEventListener("close", () => this.closed(socket));
  }

  /** One is open, and {@linkcode closed} will be told of its end. */
  opened(socket: Pick<WebSocketLike, "close">): void {
    this.#open.add(socket);
  }

  /** One has ended. */
  closed(socket: Pick<WebSocketLike, "close">): void {
    if (!this.#open.delete(socket) || this.#open.size > 0) return;
    for (const resolve of this.#waiting.splice(0)) resolve();
  }

  /** Says 1001 to all of them. */
  close(): void {
    for (const socket of this.#open) socket.close(GOING_AWAY);
  }

  /** Resolves when none is open. */
  ended(): Promise<void> {
    return this.#open.size === 0
      ? Promise.resolve()
      : new Promise((resolve) => void this.#waiting.push(resolve));
  }
}
