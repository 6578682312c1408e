// A server with a lame duck and the health of its application, as Kubernetes asks for it: run
// `node examples/http_health.ts`, ask for /readyz, press Ctrl-C, and ask again.
import { createServer } from "node:http";
import process from "node:process";
import { ProcessBus } from "sitebus";
import { httpServer } from "sitebus/http";
import { native } from "sitebus/native";

const bus = new ProcessBus({ platform: native(), deadlines: { drain: 8000 } });

let works = true;
bus.use({
  name: "db",
  start: () => "connection",
  check: () => works, // throwing says no as well
});

const app = createServer((request, response) => {
  if (request.url === "/break") works = false;
  response.end("Hello\n");
});
const http = bus.use(httpServer(app, {
  port: Number(process.argv[2] ?? 3000),
  lameDuckMs: 1000, // until the load balancer has seen that /readyz is 503
  health: { bus, port: Number(process.argv[3] ?? 3001) },
}));

bus.subscribe("run", () => console.log(`${http.value.url} and its health at ${http.value.healthUrl}`));
bus.subscribe("drain", () => console.log("goes on serving for a second"), { priority: 10 }); // before it does
bus.subscribe("stop", () => console.log("nobody is left"));
await bus.run();
