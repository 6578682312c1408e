/**
 * A service of Cloud Run is an ordinary process with a server, which has ten seconds after SIGTERM.
 * @module
 */
import { createServer } from "node:http";
import process from "node:process";
import { ProcessBus } from "sitebus";
import { httpServer } from "sitebus/http";
import { native } from "sitebus/native";

const bus = new ProcessBus({
  name: "shop",
  // What Cloud Run leaves; the bus warns where its deadlines add up to more.
  platform: native({ graceMs: 10_000 }),
  deadlines: { drain: 5_000, stop: 3_000, exit: 1_500 },
});

const db = bus.use({
  name: "db",
  // Stands in for a client that connects.
  start: () => new Map([["tea", 3], ["milk", 2]]),
  stop: () => console.log("database closed"),
});

const app = createServer((_request, response) => {
  response.setHeader("content-type", "application/json");
  setTimeout(() => response.end(JSON.stringify(Object.fromEntries(db.value))), 200);
});

// Cloud Run tells the port, and asks for /startupz and /livez, as service.yaml says.
const { PORT = "8080", HOST = "0.0.0.0" } = process.env;
bus.use(httpServer(app, { port: Number(PORT), host: HOST, health: { bus } }));

await bus.run();
