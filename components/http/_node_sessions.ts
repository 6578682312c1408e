/**
 * The connections of HTTP/2 of one server. GOAWAY tells a client which of its requests are answered, so that it may
 * send the others elsewhere.
 * @see https://www.rfc-editor.org/rfc/rfc9113#section-6.8
 * @module
 */
import { QUIET_MS } from "./_node_connections.ts";
import type { SessionLike, StreamLike } from "./_node_like.ts";

/** The code of a stream that is not needed any more. @see https://www.rfc-editor.org/rfc/rfc9113#section-7 */
const CANCEL = 0x8;

/** All connections of HTTP/2 of one server. */
export class NodeSessions {
  /** Whether each has had a request. */
  readonly #sessions = new Map<SessionLike, boolean>();
  readonly #streams = new Set<StreamLike>();
  #announced = false;
  #closing = false;
  #empty: (() => void) | undefined;

  /** How many requests are not answered to their end. */
  get inFlight(): number {
    return this.#streams.size;
  }

  /** A connection was accepted. */
  opened(session: SessionLike): void {
    this.#sessions.set(session, false);
    session.once("close", () => {
      this.#sessions.delete(session);
      if (this.#sessions.size === 0) this.#empty?.();
    });
    if (this.#closing) closeSoon(session);
  }

  /** A request came. */
  requested(stream: StreamLike): void {
    this.#streams.add(stream);
    stream.once("close", () => this.#streams.delete(stream));
    const { session } = stream;
    if (!session || this.#sessions.get(session)) return;
    this.#sessions.set(session, true);
    if (this.#announced) session.close();
  }

  /** Sends GOAWAY to all, and to those that come later with their first request. */
  announce(): void {
    if (this.#announced) return;
    this.#announced = true;
    for (const [session, used] of this.#sessions) if (used) session.close();
  }

  /** Ends all of them when their requests are answered. Resolves when none is left. */
  close(): Promise<void> {
    this.announce();
    this.#closing = true;
    for (const [session, used] of this.#sessions) if (!used) closeSoon(session);
    return new Promise((resolve) => {
      this.#empty = resolve;
      if (this.#sessions.size === 0) resolve();
    });
  }

  /** Cuts all. An answer that is not at its end must not look as if it were: its client is told of an error. */
  cut(): void {
    for (const stream of this.#streams) {
      // The application need not listen to an error that we cause.
      stream.once("error", () => {});
      stream.session?.destroy(CANCEL);
    }
    for (const session of this.#sessions.keys()) session.destroy();
  }
}

/** Its first request may be on its way. */
function closeSoon(session: SessionLike): void {
  setTimeout(() => session.close(), QUIET_MS);
}
