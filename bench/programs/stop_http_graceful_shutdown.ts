// The package http-graceful-shutdown.
import type { Server } from "node:http";
import { loadPeer } from "../_peers.ts";
import { graceMs, listeningServer, stop } from "./_stop.ts";

type Shutdown = (
  server: Server,
  options: { timeout: number; onShutdown: () => Promise<void> },
) => void;

const { default: gracefulShutdown } = await loadPeer<
  { readonly default: Shutdown }
>("http-graceful-shutdown");
gracefulShutdown(listeningServer(), {
  timeout: graceMs,
  onShutdown: () => stop(),
});
