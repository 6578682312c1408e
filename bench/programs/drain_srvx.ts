// srvx with its own shutdown: node:http on Node, Deno.serve on Deno, Bun.serve on Bun.
import { loadPeer } from "../_peers.ts";
import { fetch, graceMs, listening } from "./drain_app.ts";

interface Options {
  readonly fetch: (request: Request) => Promise<Response>;
  readonly hostname: string;
  readonly port: number;
  readonly silent: true;
  readonly gracefulShutdown: { readonly gracefulTimeout: number };
}
interface Srvx {
  serve(options: Options): { readonly url?: string; ready(): Promise<unknown> };
}

const { serve } = await loadPeer<Srvx>("srvx");
const server = serve({
  fetch,
  hostname: "127.0.0.1",
  port: 0,
  silent: true,
  gracefulShutdown: { gracefulTimeout: graceMs / 1000 },
});
await server.ready();
listening(Number(new URL(server.url ?? "").port));
