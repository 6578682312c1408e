/**
 * A client that goes away while the bus starts for it.
 * @module
 */
import { expect } from "vitest";
import { sleep } from "../../spawn.ts";

/** Two clients of a host. */
export interface Clients<T> {
  /** Sends the first request, which the signal cancels. */
  first(signal: AbortSignal): Promise<unknown>;
  /** Resolves when the start has begun: then the first client goes away. */
  begun(): Promise<unknown>;
  /** Sends another request meanwhile. */
  other(): Promise<T>;
}

/** Lets the first client go away during the start; returns the answer that the other client gets. */
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
