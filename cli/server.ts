/**
 * The HTTP server of `sitebus serve`, as a component.
 * @module
 */
import type { Component, Phase, ProcessBus } from "../mod.ts";
import { listen, type Listening } from "./listening.ts";
import type { Fetch } from "./module.ts";

/** What the component is made of. */
export interface HttpOptions {
  readonly fetch: Fetch;
  readonly host: string;
  readonly port: number;
  /** The log of the bus. */
  readonly log: ProcessBus["log"];
}

/** Makes the component "http": up when it listens, the last to start and the first to stop. */
export function httpComponent(options: HttpOptions): Component<Listening> {
  const { fetch, host, port, log } = options;
  return {
    name: "http",
    dependsOn: "all",
    start: () => listen(fetch, host, port),
    async drain(server, phase) {
      // Out of time already: then `stop` cuts, since a server of Deno that closes can be cut no more.
      if (phase.signal.aborted) return;
      const since = performance.now();
      if (await settledBefore(phase, server.close())) {
        const ms = performance.now() - since;
        return log(`Component "http" is drained after ${Math.round(ms)} ms`, {
          component: "http",
          status: "drained",
          ms,
        });
      }
      const requests = server.inFlight();
      server.cut();
      const cut = requests === 0 ? "connections" : requests === 1 ? "1 request" : `${requests} requests`;
      log(`http cut ${cut} at the end of its time`, { level: "warn", component: "http", requests });
    },
    stop: (server) => server.cut(),
  };
}

/** Whether the promise settled before the phase has to be over. */
async function settledBefore({ signal }: Phase, promise: Promise<unknown>): Promise<boolean> {
  let abort = () => {};
  const aborted = new Promise<boolean>((resolve) => {
    abort = () => resolve(false);
    if (signal.aborted) abort();
    signal.addEventListener("abort", abort);
  });
  try {
    return await Promise.race([promise.then(() => true), aborted]);
  } finally {
    signal.removeEventListener("abort", abort);
  }
}
