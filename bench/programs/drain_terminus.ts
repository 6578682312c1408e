// The package @godaddy/terminus.
import { createServer, type Server } from "node:http";
import { loadPeer } from "../_peers.ts";
import { graceMs, listener, sayAddress } from "./drain_app.ts";

interface Options {
  readonly signals: readonly string[];
  readonly timeout: number;
}
interface Terminus {
  createTerminus(server: Server, options: Options): void;
}

const { default: { createTerminus } } = await loadPeer<
  { readonly default: Terminus }
>("@godaddy/terminus");
const server = createServer(listener);
createTerminus(server, { signals: ["SIGTERM"], timeout: graceMs });
server.listen(0, "127.0.0.1", () => sayAddress(server));
