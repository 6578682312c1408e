// A server of node:http: answers in flight come, streams end in order. Run `node examples/http_node.ts`, then
// `curl -N http://127.0.0.1:3000/clock`, and press Ctrl-C.
import { createServer } from "node:http";
import process from "node:process";
import { ProcessBus } from "sitebus";
import { httpServer, requestSignal } from "sitebus/http";
import { native } from "sitebus/native";

const bus = new ProcessBus({ platform: native(), deadlines: { drain: 2000 } });

const app = createServer((request, response) => {
  if (request.url === "/slow") {
    setTimeout(() => response.end("answered\n"), 500);
  } else if (request.url === "/clock") {
    response.setHeader("Content-Type", "text/event-stream");
    const timer = setInterval(() => response.write("data: tick\n\n"), 200);
    // The client went away, or the server is about to end.
    requestSignal(request).addEventListener("abort", () => {
      clearInterval(timer);
      response.end("data: bye\n\n");
    });
  } else response.end("Hello\n");
});
const http = bus.use(httpServer(app, { port: Number(process.argv[2] ?? 3000) }));

bus.subscribe("run", () => console.log(http.value.url));
bus.subscribe("stop", () => console.log("nobody is left"));
await bus.run();
