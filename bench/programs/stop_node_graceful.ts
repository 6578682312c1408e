// The package node-graceful.
import { loadPeer } from "../_peers.ts";
import { graceMs, stayAlive, stop } from "./_stop.ts";

interface Graceful {
  timeout: number;
  exitOnDouble: boolean;
  on(name: "exit", listener: () => Promise<void>): void;
}

// CommonJS with a default of its own: where that is, depends on the runtime.
const loaded = await loadPeer<
  { readonly default: Graceful | { readonly default: Graceful } }
>("node-graceful");
const graceful = "on" in loaded.default ? loaded.default : loaded.default.default;
graceful.timeout = graceMs;
graceful.exitOnDouble = true;
graceful.on("exit", () => stop());
stayAlive();
