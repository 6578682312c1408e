// A unit of `roll_site.ts`: a server on the inherited socket, with streams that end by their signal.
import { readFileSync } from "node:fs";
import http, { type RequestListener } from "node:http";
import https from "node:https";
import process from "node:process";
import { httpServer } from "../../components/http.ts";
import { unit } from "../../components/units.ts";
import { ProcessBus } from "../../mod.ts";

const bus = new ProcessBus({ name: "worker", platform: unit() });
const answer: RequestListener = (request, response) => {
  if (request.url === "/events") {
    response.writeHead(200, { "content-type": "text/event-stream" });
    response.write("data: hello\n\n");
    const end = () => response.end("data: bye\n\n");
    // A request may arrive, on a connection that was accepted before, when the drain has begun.
    if (bus.running.aborted) return end();
    bus.running.addEventListener("abort", end);
    response.on("close", () => bus.running.removeEventListener("abort", end));
    return;
  }
  request.resume().on("end", () => response.end("ok"));
};
const [certificate, key] = process.argv.slice(2);
const server = certificate === undefined || key === undefined
  ? http.createServer(answer)
  : https.createServer({
    cert: readFileSync(certificate),
    key: readFileSync(key),
  }, answer);
bus.use(httpServer(server, { inherit: "web" }));
process.exitCode = await bus.run();
