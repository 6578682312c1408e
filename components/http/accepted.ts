/**
 * Observers of the connections that servers on an inherited socket accept: a unit counts them, and closes when it has had
 * enough.
 * @module
 */

/** A server that accepts connections beside others on the same socket. */
export interface Accepting {
  /** Accepts no more, from now on; the others go on. */
  stop(): void;
}

let told: ((server: Accepting) => void) | undefined;

/** Has `listener` told of each connection of this isolate, in the moment in which it is accepted. */
export function watchAccepted(listener: (server: Accepting) => void): void {
  told = listener;
}

/** A connection was accepted. */
export function accepted(server: Accepting): void {
  told?.(server);
}
