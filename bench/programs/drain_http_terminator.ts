// The package http-terminator.
import { createServer, type Server } from "node:http";
import { loadPeer } from "../_peers.ts";
import { graceMs, listener, onTerm, sayAddress } from "./drain_app.ts";

interface Options {
  readonly server: Server;
  readonly gracefulTerminationTimeout: number;
}
interface Terminator {
  createHttpTerminator(options: Options): { terminate(): Promise<void> };
}

const { default: { createHttpTerminator } } = await loadPeer<
  { readonly default: Terminator }
>("http-terminator");
const server = createServer(listener);
const terminator = createHttpTerminator({
  server,
  gracefulTerminationTimeout: graceMs,
});
server.listen(0, "127.0.0.1", () => sayAddress(server));
onTerm(() => terminator.terminate());
