/**
 * A client that goes away while the bus starts for it.
 * @module
 */
import { expect } from "vitest";
import { sleep } from "../../spawn.ts";

/** What two clients do. */
export interface Clients<T> {
  /** Asks first, until the signal aborts. */
  first(signal: AbortSignal): Promise<unknown>;
  /** Resolves when the start has begun: then the first one goes away. */
  begun(): Promise<unknown>;
  /** Asks meanwhile. */
  other(): Promise<T>;
}

/** Returns the answer that the other client gets. */
export async function goAway<T>({ first, begun, other }: Clients<T>): Promise<T> {
  const client = new AbortController();
  const gone = first(client.signal);
  await begun();
  const answer = other();
  await sleep(100);
  client.abort(new Error("gone away"));
  await expect(gone).rejects.toThrow("gone away");
  return await answer;
}
