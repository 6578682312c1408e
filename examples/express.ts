/**
 * Express under the bus: `npx sitebus serve examples/express.ts`. An application of Express is a Node-style function,
 * so it is exported as `node`. There is no `app.listen()`: the bus has the server.
 * @module
 */
import { setTimeout as delay } from "node:timers/promises";
import express from "express";
import type { ComponentHandle, ProcessBus } from "../mod.ts";

let db: ComponentHandle<string[]>;

/** What is used here is up before the server is, and stops after it. The array stands in for a database. */
export function setup(bus: ProcessBus): void {
  db = bus.use({ name: "db", start: () => [], stop: () => console.log("database closed") });
}

const app = express();
app.use(express.json());

app.get("/", (_request, response) => {
  response.send(`Hello from Express, ${db.value.length} orders\n`);
});

app.post("/orders", (request, response) => {
  db.value.push(request.body.item);
  response.status(201).json(db.value);
});

app.get("/slow", async (request, response) => {
  await delay(Number(request.query["ms"] ?? 3000));
  response.send(`Slow, but here, ${db.value.length} orders\n`);
});

export default app;
