/**
 * The open connections of one server, which are checked from time to time while the server drains, until none is left.
 * @module
 */

/** How often the connections are checked while the server drains, in milliseconds. */
const LOOK_MS = 10;

/**
 * A connection is quiet when no byte came between so many checks: by then a request that its client was just sending has
 * arrived. Checks are counted, not time: while the thread was busy, nothing was read either.
 */
export const QUIET_LOOKS: number = 3;

/** About how long a connection is quiet before it is ended, in milliseconds. */
export const QUIET_MS: number = LOOK_MS * QUIET_LOOKS;

/**
 * How long a connection has for its first request, in milliseconds. Without this time, a client that has just connected
 * would be cut, such as one that is in the middle of its TLS handshake.
 */
const FRESH_MS = 1000;

/** The state of one connection. */
export interface OpenConnection {
  /** When it was accepted, on the clock of `performance.now()`. */
  readonly since: number;
  /** For how many checks nothing has come. */
  quiet: number;
}

/** The open connections of one server, by their sockets or sessions. */
export class OpenConnections<K, C extends OpenConnection> {
  readonly #all = new Map<K, C>();
  /** Whether clients are told that the server ends. */
  isAnnounced = false;
  /** Whether connections are ended when they are quiet. */
  isClosing = false;
  #freshMs = FRESH_MS;
  #timer: ReturnType<typeof setInterval> | undefined;
  #empty: (() => void) | undefined;

  get(key: K): C | undefined {
    return this.#all.get(key);
  }

  keys(): Iterable<K> {
    return this.#all.keys();
  }

  values(): Iterable<C> {
    return this.#all.values();
  }

  add(key: K, connection: C): void {
    this.#all.set(key, connection);
  }

  delete(key: K): void {
    if (this.#all.delete(key) && this.#all.size === 0) this.#empty?.();
  }

  /** From now on clients are told: calls `tell` with each connection once, and `look` with each from time to time. A second call does nothing. */
  announce(tell: (connection: C) => void, look: (connection: C) => void): void {
    if (this.isAnnounced) return;
    this.isAnnounced = true;
    for (const connection of this.#all.values()) tell(connection);
    this.#timer = setInterval(() => {
      for (const connection of this.#all.values()) look(connection);
    }, LOOK_MS);
  }

  /** From now on connections may be ended, and are checked for being quiet anew. Resolves when none is left. */
  close(): Promise<void> {
    this.isClosing = true;
    for (const connection of this.#all.values()) connection.quiet = 0;
    return new Promise((resolve) => {
      this.#empty = () => {
        this.stopLooking();
        resolve();
      };
      if (this.#all.size === 0) this.#empty();
    });
  }

  /** Whether a connection without a request still has time to send one. */
  isFresh({ since }: C): boolean {
    return performance.now() - since < this.#freshMs;
  }

  /** From now on a connection without a request has no time to send one. */
  endFresh(): void {
    this.#freshMs = 0;
  }

  stopLooking(): void {
    clearInterval(this.#timer);
  }
}
