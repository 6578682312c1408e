// The package stoppable.
import { createServer, type Server } from "node:http";
import { loadPeer } from "../_peers.ts";
import { graceMs, listener, onTerm, sayAddress } from "./drain_app.ts";

type Stoppable = (server: Server, grace: number) => { stop(): void };

const { default: stoppable } = await loadPeer<{ readonly default: Stoppable }>(
  "stoppable",
);
const server = createServer(listener);
const { stop } = stoppable(server, graceMs);
server.listen(0, "127.0.0.1", () => sayAddress(server));
onTerm(() => stop.call(server));
