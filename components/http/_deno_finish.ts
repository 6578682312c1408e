/**
 * Deno destroys a connection when an answer ends after the listener was closed, unless the answer said that its connection
 * closes. Its client may have sent the next request already, which would be lost: over TLS an answer ends, for the server,
 * long after its client has read it.
 * @see https://github.com/denoland/deno/issues/35609
 * @module
 */
import type { AnswerLike, SocketLike } from "./_node_like.ts";

const isDeno = "Deno" in globalThis;

/** Keeps a connection open at the end of an answer whose head, already sent, did not say that the connection closes. Does nothing on Node and Bun. */
export function keepAtFinish(socket: SocketLike, answer: AnswerLike): void {
  if (!isDeno) return;
  const release = () => void Reflect.deleteProperty(socket, "destroy");
  // The server's own listener is the first one, and the next one to be called after this.
  answer.prependListener("finish", () => {
    Object.defineProperty(socket, "destroy", { configurable: true, writable: true, value: release });
  });
  answer.on("finish", release);
}
