/**
 * The connections of a control server: how many there may be, and how long each may do nothing.
 * @module
 */
import { clearTimeout, setTimeout } from "node:timers";
import type { Clock } from "../../src/platform.ts";
import type { AskLike, ConnectionLike, ReplyLike } from "./_node_http.ts";

/** The most connections at the same time; one more, and the one that has been idle for longest is closed. */
export const MOST_CONNECTIONS = 100;

/** How long a connection may take to send a whole request, in milliseconds, and how long an idle one is kept. */
export const IDLE_MS = 10_000;

/** The connections of one server. */
export class Connections {
  readonly #clock: Clock;
  /** The connections on which no whole request is being answered, each with the time since when, the oldest first. */
  readonly #idle = new Map<ConnectionLike, number>();
  readonly #all = new Set<ConnectionLike>();
  #disarm: (() => void) | undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** How many there are. */
  get size(): number {
    return this.#all.size;
  }

  /** A client has connected. */
  add(connection: ConnectionLike): void {
    // It only asks: it keeps no process alive.
    connection.unref?.();
    this.#all.add(connection);
    this.#rest(connection);
    connection.once("close", () => {
      this.#all.delete(connection);
      this.#idle.delete(connection);
      if (this.#idle.size === 0) this.#stopLooking();
    });
    if (this.#all.size <= MOST_CONNECTIONS) return;
    const [oldest = connection] = this.#idle.keys();
    this.#cut(oldest);
  }

  /** A whole request has come, and is being answered. */
  answering({ socket }: AskLike, reply: ReplyLike): void {
    this.#idle.delete(socket);
    if (this.#idle.size === 0) this.#stopLooking();
    reply.on("finish", () => {
      if (this.#all.has(socket)) this.#rest(socket);
    });
  }

  /** Cuts those that are left. */
  close(): void {
    this.#stopLooking();
    for (const connection of this.#all) connection.destroy();
  }

  #rest(connection: ConnectionLike): void {
    this.#idle.delete(connection);
    this.#idle.set(connection, this.#clock.now());
    this.#look();
  }

  #cut(connection: ConnectionLike): void {
    this.#idle.delete(connection);
    this.#all.delete(connection);
    connection.destroy();
  }

  /** One timer, and only while there is a connection. */
  #look(): void {
    this.#disarm ??= setLooseTimer(IDLE_MS / 4, () => {
      this.#disarm = undefined;
      const now = this.#clock.now();
      for (const [connection, since] of this.#idle) if (now - since >= IDLE_MS) this.#cut(connection);
      if (this.#idle.size > 0) this.#look();
    });
  }

  #stopLooking(): void {
    this.#disarm?.();
    this.#disarm = undefined;
  }
}

/** A timer that keeps no process alive; returns its undo. */
function setLooseTimer(ms: number, fire: () => void): () => void {
  const timer = setTimeout(fire, ms).unref();
  return () => clearTimeout(timer);
}
