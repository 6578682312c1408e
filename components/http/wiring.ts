/**
 * The part of a server that the drain needs. There is one drain for all servers; a file for each kind of server implements
 * {@linkcode Wired} for it.
 * @module
 */
import type { Place } from "./place.ts";

/** The answer to a health probe. */
export interface ProbeAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** Answers the health probes of one server. */
export interface Probes {
  /** The paths that it answers. */
  readonly paths: readonly string[];
  /**
   * Answers a request by its method and its target, which may have a query. Undefined where the request is no health
   * probe: that is the common case, and costs one look into a map.
   */
  answer(method: string | undefined, target: string): Promise<ProbeAnswer> | undefined;
}

/** A server that listens, as the drain sees it. */
export interface Wired {
  /** Where it listens, with the real port, such as `http://127.0.0.1:8080/` or `unix:/run/app.sock`. */
  readonly url: string;
  /** The real port; undefined on a unix socket. */
  readonly port: number | undefined;
  /** How many requests are not answered to their end, and how many WebSockets are open. */
  inFlight(): number;
  /**
   * From now on every answer says that its connection closes, and HTTP/2 sends a first GOAWAY, which refuses nothing.
   * New connections are still accepted.
   */
  announce(): void;
  /**
   * Accepts no more and closes what is idle, but no connection on which a request is just being sent. Resolves when the
   * last connection has ended.
   */
  close(): Promise<void>;
  /**
   * Closes the WebSockets with 1001 and fires the signals of event streams: their clients connect again by themselves.
   * May be called again, for those that have come since.
   */
  endReconnecting(): void;
  /** The same for all requests: their signals fire, so that streams can end in order. */
  endStreams(): void;
  /**
   * Cuts what is left, now; `close` need not have been called. Returns how many requests of {@linkcode inFlight} it
   * could not cut: they end with the process.
   */
  cut(): number;
}

/**
 * Starts to listen. Rejects where it cannot, naming host and port or the path. May be called again after the server of
 * the last call was cut.
 */
export type Wiring = (place: Place, probes: Probes | undefined) => Promise<Wired>;
