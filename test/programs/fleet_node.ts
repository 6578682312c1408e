// A node of a fleet that serves: its answer tells its name, its process and its color. Arguments: the port of the server of
// NATS, the fleet, its name, the port that it serves at, and a file: where that is there, the start fails; else it is made.
import { existsSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import process from "node:process";
import { connect } from "@nats-io/transport-node";
import { fleet } from "../../components/fleet.ts";
import { httpServer } from "../../components/http.ts";
import { ProcessBus } from "../../mod.ts";
import { posix } from "../../platforms/posix.ts";
import { print } from "./_print.ts";

const [nats = "", name = "", node = "", port = "", file = ""] = process.argv.slice(2);
const bus = new ProcessBus({ name: "web", platform: posix(), deadlines: { drain: 3_000 } });
let color = "white";
bus.subscribe("reload", ({ details }) => {
  const wanted = (details as { readonly color: string }).color;
  if (wanted === `not ${node}`) throw new Error(`${node} does not like it`);
  return { commit: () => void (color = wanted) };
});
bus.subscribe("log", ({ event, message }) => {
  if (event === "fleet" || event === "failure" || event === "refused") print(`${node}: ${message}`);
});
bus.use(fleet(bus, {
  name,
  connect: () =>
    connect({
      servers: `127.0.0.1:${nats}`,
      maxReconnectAttempts: -1,
      reconnectTimeWait: 50,
      reconnectJitter: 10,
    }),
  node,
  rights: ["reload", "restart", "graceful"],
  expireMs: 6_000,
}));
const server = createServer((_, response) => {
  setTimeout(() => response.end(JSON.stringify({ node, pid: process.pid, color })), 5);
});
if (port !== "") bus.use(httpServer(server, { port: Number(port) }));
bus.subscribe("start", () => {
  if (file !== "" && existsSync(file)) throw new Error("broken on purpose");
  if (file !== "") writeFileSync(file, "");
});
bus.subscribe("run", () => print(`${node} runs as ${process.pid}`));
await bus.run();
