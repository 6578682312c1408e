/**
 * The HTTP/2 connections of one server. A first GOAWAY asks clients to send further requests elsewhere, and refuses none
 * that is on its way; the last one, which does, comes when a connection has gone quiet, or after a second.
 * @see https://www.rfc-editor.org/rfc/rfc9113#section-6.8
 * @module
 */
import type { SessionLike, SocketLike, StreamLike } from "./_node_like.ts";
import { type OpenConnection, OpenConnections, QUIET_LOOKS } from "./_open_connections.ts";

/** The codes of a connection that ends without an error, and of a stream that is not needed any more. */
const [NO_ERROR, CANCEL] = [0x0, 0x8];

/** The highest id that a stream may have. */
const HIGHEST = 2 ** 31 - 1;

/**
 * The first GOAWAY as a frame: 8 bytes of type 7 on stream 0, which are the highest id and no error. Node cannot be asked
 * for it: after its own `goaway`, whatever the id, it ignores every further stream until the connection ends. Nor can the
 * frame be written to a TLS connection of Node, which has one write at a time, and is ended by another.
 * @see https://www.rfc-editor.org/rfc/rfc9113#section-6.8
 */
const GOAWAY = new Uint8Array([0, 0, 8, 7, 0, 0, 0, 0, 0, 0x7f, 0xff, 0xff, 0xff, 0, 0, 0, 0]);

/**
 * For how many checks a client that does not heed the first GOAWAY may go on sending requests: about a second. Checks are
 * counted, not time: while the thread was busy, nothing was read either.
 */
const HEED_LOOKS = 100;

interface Session extends OpenConnection {
  readonly session: SessionLike;
  /** The connection below it, where the first GOAWAY can be written to it. */
  readonly socket: SocketLike | undefined;
  /** How many of its requests are not answered to their end. */
  streams: number;
  /** Whether it has had a request. */
  used: boolean;
  /** How often it was checked since it may be ended. */
  looks: number;
  /** The notice that its client was sent: a first GOAWAY, or the last one. */
  told?: "first" | "last";
}

/** All connections of HTTP/2 of one server. */
export class NodeSessions {
  readonly #sessions = new OpenConnections<SessionLike, Session>();
  readonly #streams = new Set<StreamLike>();

  /** How many requests are not answered to their end. */
  get inFlight(): number {
    return this.#streams.size;
  }

  /** A connection was accepted. */
  opened(session: SessionLike, socket: SocketLike | undefined): void {
    this.#sessions.add(session, {
      session,
      socket,
      streams: 0,
      used: false,
      since: performance.now(),
      quiet: 0,
      looks: 0,
    });
    if (this.#sessions.isAnnounced) keepOpen(session);
    session.once("close", () => this.#sessions.delete(session));
  }

  /** A request came. */
  requested(stream: StreamLike): void {
    this.#streams.add(stream);
    const found = stream.session && this.#sessions.get(stream.session);
    const count = (by: number) => {
      if (!found) return;
      found.streams += by;
      found.quiet = 0;
    };
    count(1);
    stream.once("close", () => {
      this.#streams.delete(stream);
      count(-1);
    });
    if (!found) return;
    found.used = true;
    if (this.#sessions.isAnnounced) announceTo(found);
  }

  /** Sends the first GOAWAY to all, and to those that come later with their first request. */
  announce(): void {
    const tell = (found: Session) => {
      keepOpen(found.session);
      if (found.used) announceTo(found);
    };
    this.#sessions.announce(tell, (found) => this.#lookAt(found));
  }

  /** Ends all of them when their requests are answered. Resolves when none is left. */
  close(): Promise<void> {
    this.announce();
    return this.#sessions.close();
  }

  /** From now on a connection without a request has no time to send one. */
  endFresh(): void {
    this.#sessions.endFresh();
  }

  /** Cuts all. An answer that is not at its end must not look as if it were: its client is told of an error. */
  cut(): void {
    this.#sessions.stopLooking();
    for (const stream of this.#streams) {
      // The application need not listen to an error that we cause.
      stream.once("error", () => {});
      stream.session?.destroy(CANCEL);
    }
    for (const session of this.#sessions.keys()) session.destroy();
  }

  #lookAt(found: Session): void {
    if (found.told === "last") return;
    found.quiet++;
    // In a lame duck, a client that was told, or has not asked for anything, is left alone.
    if (!this.#sessions.isClosing && (found.told || !found.used)) return;
    const isFresh = !found.used && this.#sessions.isFresh(found);
    // By then, what its client sent before it heard of the first GOAWAY has arrived.
    const isQuiet = found.streams === 0 && found.quiet >= QUIET_LOOKS && !isFresh;
    if (!isQuiet && ++found.looks < HEED_LOOKS) return;
    found.told = "last";
    Reflect.deleteProperty(found.session, "close");
    found.session.close();
  }
}

/**
 * Takes the `close` of a connection away until its time has come. Node and Bun would call it when the server closes its
 * listener; Node and Deno also when the client answers GOAWAY by its own, although requests may still follow that.
 */
function keepOpen(session: SessionLike): void {
  Object.defineProperty(session, "close", { configurable: true, value() {} });
}

/** Sends the first GOAWAY, where that is possible; elsewhere the last one comes when the connection is quiet. */
function announceTo(found: Session): void {
  const { session, socket, told } = found;
  if (told || session.closed || session.destroyed) return;
  if ("Bun" in globalThis) session.goaway(NO_ERROR, HIGHEST);
  else if (socket) socket.write(GOAWAY);
  else return;
  found.told = "first";
}
