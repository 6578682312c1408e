/**
 * The server of `sitebus serve`: srvx makes it of node:http, `Deno.serve` or `Bun.serve`.
 * @module
 */
import { serve, type Server } from "srvx";
import { requestSignal } from "../components/http.ts";
import type { KeyPair } from "./certificate.ts";
import type { Fetch } from "./module.ts";

/** What the server is made with. */
export interface MakeServerOptions {
  /** Answers the requests. */
  readonly fetch: Fetch;
  /** Makes it one of HTTPS. */
  readonly tls?: KeyPair | undefined;
}

/** Makes a server that does not listen: when it does, where, and when it stops, is for the bus to say. */
export async function makeServer({ fetch, tls }: MakeServerOptions): Promise<Server> {
  const server = serve({
    fetch,
    // Never asked for, but else srvx would read the environment, and refuse what it finds there.
    port: 0,
    manual: true,
    silent: true,
    gracefulShutdown: false,
    ...tls && { tls },
    // Bun would cut a request that is silent for 10 s; the others have no such limit, and this is its longest.
    bun: { idleTimeout: 255 },
  });
  // Of Bun's requests each has its own already: there the prototype cannot be changed.
  if (server.runtime !== "bun") await giveSignals(server.runtime);
  return server;
}

/** Whose `signal` was replaced. */
const given = new WeakSet<object>();

/**
 * Has the `signal` of the requests that srvx serves tell also that they will be cut. Once, for all of them: a property
 * of each would cost each.
 */
async function giveSignals(runtime: string): Promise<void> {
  const { prototype } = runtime === "node" ? (await import("srvx/node")).NodeRequest : Request;
  if (given.has(prototype)) return;
  given.add(prototype);
  const own = Object.getOwnPropertyDescriptor(prototype, "signal");
  let asking = false;
  Object.defineProperty(prototype, "signal", {
    ...own,
    get(this: Request & { readonly runtime?: unknown }) {
      // What `requestSignal` itself asks for is the runtime's.
      if (asking || !this.runtime) return own?.get?.call(this);
      asking = true;
      try {
        return requestSignal(this);
      } catch {
        // The application has a server of its own, too.
        return own?.get?.call(this);
      } finally {
        asking = false;
      }
    },
  });
}
