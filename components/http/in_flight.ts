/**
 * The requests that all servers of this isolate have in flight, for a unit that tells its site.
 * @module
 */

/** A server that listens. */
interface Listening {
  readonly inFlight: number;
}

const servers = new Set<Listening>();

/** A server listens; returns what is to be called at its end. */
export function noteServer(server: Listening): () => void {
  servers.add(server);
  return () => void servers.delete(server);
}

/** How many requests are in flight; undefined where there is no server. */
export function requestsInFlight(): number | undefined {
  if (servers.size === 0) return undefined;
  let count = 0;
  for (const { inFlight } of servers) count += inFlight;
  return count;
}
