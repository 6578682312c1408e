// A server of node:http as a component: requests in flight are answered. Run `node examples/node_http_server.ts`.
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import process from "node:process";
import { ProcessBus } from "sitebus";
import { native } from "sitebus/native";

const bus = new ProcessBus({ platform: native() });

const web = bus.use({
  name: "web",
  dependsOn: "all", // the last to start and the first to stop
  async start() {
    const server = createServer((_request, response) => {
      // A client that keeps its connection would keep the server open.
      if (bus.running.aborted) response.setHeader("Connection", "close");
      setTimeout(() => response.end("answered\n"), 300);
    });
    await new Promise<void>((resolve, reject) => {
      server.once("error", reject); // such as a port in use
      server.listen(Number(process.argv[2] ?? 3000), "127.0.0.1", resolve);
    });
    return server;
  },
  async drain(server, { signal }) {
    const closed = new Promise<void>((resolve) => server.close(() => resolve()));
    // `close` closes idle connections once; those that are busy now are idle later.
    const timer = setInterval(() => server.closeIdleConnections(), 50);
    signal.addEventListener("abort", () => server.closeAllConnections());
    await closed;
    clearInterval(timer);
  },
  stop: (server: Server) => server.closeAllConnections(),
});

bus.subscribe("run", () => console.log(`http://127.0.0.1:${(web.value.address() as AddressInfo).port}/`));
bus.subscribe("stop", () => console.log("nobody is left"));
await bus.run();
