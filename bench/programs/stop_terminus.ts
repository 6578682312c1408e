// The package @godaddy/terminus.
import type { Server } from "node:http";
import { loadPeer } from "../_peers.ts";
import { graceMs, listeningServer, stop } from "./_stop.ts";

interface Options {
  readonly signals: readonly string[];
  readonly timeout: number;
  readonly onSignal: () => Promise<void>;
}
interface Terminus {
  createTerminus(server: Server, options: Options): void;
}

const { default: { createTerminus } } = await loadPeer<
  { readonly default: Terminus }
>("@godaddy/terminus");
createTerminus(listeningServer(), {
  signals: ["SIGTERM"],
  timeout: graceMs,
  onSignal: () => stop(),
});
