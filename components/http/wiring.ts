/**
 * What the drain needs of a server. There is one drain for all; each kind of server is wired to it by a file of its
 * own.
 * @module
 */
import type { Signal } from "../../src/internal.ts";

/** What a wiring is given to work with, for as long as its server listens. */
export interface Desk {
  /** Every request's own signal follows this one: it fires shortly before what is left is cut. */
  readonly ending: Signal;
  /**
   * Answers a probe of the application's health. Undefined where the path is none, which is the common case and
   * costs one look into a map. Where nobody is to be told on this server there is no such function, so that a request
   * need not be asked for its path.
   */
  readonly probe: ((path: string) => Promise<ProbeAnswer> | undefined) | undefined;
}

/** What a probe is answered with. */
export interface ProbeAnswer {
  readonly status: 200 | 503;
  /** JSON. */
  readonly body: string;
}

/** Where a server listens. */
export interface Place {
  readonly host: string;
  readonly port: number;
  /** A unix socket instead of host and port. */
  readonly path?: string | undefined;
}

/** A server that listens, as the drain sees it. */
export interface Wired {
  /** Where, with the real port, such as `http://127.0.0.1:8080/` or `unix:/run/app.sock`. */
  readonly url: string;
  /** The real port; undefined on a unix socket. */
  readonly port: number | undefined;
  /** How many requests are not answered to their end, and how many WebSockets are open. */
  inFlight(): number;
  /** From now on every answer says that its connection closes (GOAWAY on HTTP/2); new connections are served still. */
  announce(): void;
  /**
   * Accepts no more and closes what is idle, but nothing on which a request is just being sent. Resolves when the
   * last connection has ended.
   */
  close(): Promise<void>;
  /** Says goodbye to the WebSockets it knows of: 1001, going away. */
  closeWebSockets(): void;
  /**
   * Cuts what is left, now. Also where `close` was never called. Returns how many requests of {@linkcode inFlight} it
   * could not cut: they end with the process.
   */
  cut(): number;
}

/** Listens; rejects naming host and port where it cannot. May be called again when the last one was cut. */
export type Wiring = (place: Place, desk: Desk) => Promise<Wired>;
