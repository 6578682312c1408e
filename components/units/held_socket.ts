/**
 * A listening socket that a site holds for its units, and never accepts from.
 * @module
 */

/** Where a socket listens: a port, or the path of a unix socket. */
export interface ListenPlace {
  /** The name or address. Default "127.0.0.1", which other machines do not reach. */
  readonly host?: string;
  /** The port; 0 picks a free one. */
  readonly port?: number;
  /** A unix socket, in place of host and port. */
  readonly path?: string;
}

/** A socket that is held. */
export interface HeldSocket {
  /** Its name among those of the pool. */
  readonly name: string;
  /** Its number in this process. */
  readonly fd: number;
  /** Whether children have it at the same number by themselves, since it is not closed where another program begins. */
  readonly stays: boolean;
  /** Where it really listens, such as `http://127.0.0.1:8080/`'s "127.0.0.1:8080", or the path of a unix socket. */
  readonly address: string;
  /** The real port; undefined on a unix socket. */
  readonly port: number | undefined;
  /** Lets go of it. Those who inherited it keep theirs. */
  close(): void;
}
