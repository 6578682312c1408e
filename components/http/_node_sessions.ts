/**
 * The connections of HTTP/2 of one server. A first GOAWAY asks clients to send further requests elsewhere, and refuses
 * none that is on its way; the last one, which does, comes when a connection has gone quiet.
 * @see https://www.rfc-editor.org/rfc/rfc9113#section-6.8
 * @module
 */
import { FRESH_MS, QUIET_MS } from "./_node_connections.ts";
import type { SessionLike, StreamLike } from "./_node_like.ts";

/** The codes of a connection that ends without an error, and of a stream that is not needed any more. */
const [NO_ERROR, CANCEL] = [0x0, 0x8];

/** The highest id that a stream may have. */
const HIGHEST = 2 ** 31 - 1;

/** How often the connections are looked at while the server closes. */
const LOOK_MS = 10;

/** How long a client that does not heed the first GOAWAY may go on sending requests, in milliseconds. */
const HEED_MS = 1000;

interface Session {
  readonly session: SessionLike;
  /** How many of its requests are not answered to their end. */
  streams: number;
  /** Whether it has had a request. */
  used: boolean;
  /** When it was accepted, or a request came or ended last. */
  since: number;
  /** What its client was told: a first GOAWAY, or the last one. */
  told?: "first" | "last";
}

/** All connections of HTTP/2 of one server. */
export class NodeSessions {
  readonly #sessions = new Map<SessionLike, Session>();
  readonly #streams = new Set<StreamLike>();
  #announced = false;
  #freshMs = FRESH_MS;
  #look: ReturnType<typeof setInterval> | undefined;
  #empty: (() => void) | undefined;

  /** How many requests are not answered to their end. */
  get inFlight(): number {
    return this.#streams.size;
  }

  /** A connection was accepted. */
  opened(session: SessionLike): void {
    this.#sessions.set(session, { session, streams: 0, used: false, since: performance.now() });
    if (this.#announced) keepOpen(session);
    session.once("close", () => {
      this.#sessions.delete(session);
      if (this.#sessions.size === 0) this.#empty?.();
    });
  }

  /** A request came. */
  requested(stream: StreamLike): void {
    this.#streams.add(stream);
    const found = stream.session && this.#sessions.get(stream.session);
    const count = (by: number) => {
      if (!found) return;
      found.streams += by;
      found.since = performance.now();
    };
    count(1);
    stream.once("close", () => {
      this.#streams.delete(stream);
      count(-1);
    });
    if (!found) return;
    found.used = true;
    if (this.#announced) announceTo(found);
  }

  /** Sends the first GOAWAY to all, and to those that come later with their first request. */
  announce(): void {
    if (this.#announced) return;
    this.#announced = true;
    for (const found of this.#sessions.values()) {
      keepOpen(found.session);
      if (found.used) announceTo(found);
    }
  }

  /** Ends all of them when their requests are answered. Resolves when none is left. */
  close(): Promise<void> {
    this.announce();
    const since = performance.now();
    this.#look = setInterval(() => {
      for (const found of this.#sessions.values()) this.#lookAt(found, since);
    }, LOOK_MS);
    return new Promise((resolve) => {
      this.#empty = () => {
        clearInterval(this.#look);
        resolve();
      };
      if (this.#sessions.size === 0) this.#empty();
    });
  }

  /** From now on a connection without a request has no time to send one. */
  endFresh(): void {
    this.#freshMs = 0;
  }

  /** Calls `body`, which closes the server: Node and Bun would close all connections with it. */
  keptWhile(body: () => void): void {
    const sessions = [...this.#sessions.keys()];
    for (const session of sessions) {
      Object.defineProperty(session, "close", { configurable: true, value() {} });
    }
    body();
    for (const session of sessions) Reflect.deleteProperty(session, "close");
  }

  /** Cuts all. An answer that is not at its end must not look as if it were: its client is told of an error. */
  cut(): void {
    clearInterval(this.#look);
    for (const stream of this.#streams) {
      // The application need not listen to an error that we cause.
      stream.once("error", () => {});
      stream.session?.destroy(CANCEL);
    }
    for (const session of this.#sessions.keys()) session.destroy();
  }

  #lookAt(found: Session, closingSince: number): void {
    if (found.told === "last") return;
    const now = performance.now();
    const isFresh = !found.used && now - found.since < this.#freshMs;
    // What its client sent before it heard of the first GOAWAY has arrived when nothing came for a while.
    const isQuiet = found.streams === 0 && now - Math.max(found.since, closingSince) >= QUIET_MS;
    if ((isQuiet && !isFresh) || now - closingSince >= HEED_MS) {
      found.told = "last";
      Reflect.deleteProperty(found.session, "close");
      found.session.close();
    }
  }
}

/**
 * Takes the `close` of a connection away until its time has come. Node and Bun would call it when the server closes its
 * listener; Node and Deno also when the client answers GOAWAY by its own, although requests may still follow that.
 */
function keepOpen(session: SessionLike): void {
  Object.defineProperty(session, "close", { configurable: true, value() {} });
}

function announceTo(found: Session): void {
  if (found.told || found.session.closed || found.session.destroyed) return;
  found.told = "first";
  found.session.goaway(NO_ERROR, HIGHEST);
}
