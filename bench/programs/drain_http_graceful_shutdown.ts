// The package http-graceful-shutdown.
import { createServer, type Server } from "node:http";
import { loadPeer } from "../_peers.ts";
import { graceMs, listener, sayAddress } from "./drain_app.ts";

type Shutdown = (server: Server, options: { readonly timeout: number }) => void;

const { default: gracefulShutdown } = await loadPeer<
  { readonly default: Shutdown }
>("http-graceful-shutdown");
const server = createServer(listener);
gracefulShutdown(server, { timeout: graceMs });
server.listen(0, "127.0.0.1", () => sayAddress(server));
