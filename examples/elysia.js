/**
 * Elysia under the bus, on Bun: `bun cli/main.ts serve examples/elysia.js`. An application of Elysia has a fetch function,
 * so it is exported as it is, without `listen()`. Node and Deno run it as well.
 * @module
 */
import { setTimeout as delay } from "node:timers/promises";
import { Elysia, t } from "elysia";

let db;

/** What is used here is up before the server is, and stops after it. The array stands in for a database. */
export function setup(bus) {
  db = bus.use({ name: "db", start: () => [], stop: () => console.log("database closed") });
}

const app = new Elysia()
  .get("/", () => `Hello from Elysia, ${db.value.length} orders\n`)
  .post("/orders", ({ body, status }) => {
    db.value.push(body.item);
    return status(201, db.value);
  }, { body: t.Object({ item: t.String() }) })
  .get("/slow", async ({ query }) => {
    await delay(query.ms);
    return `Slow, but here, ${db.value.length} orders\n`;
  }, { query: t.Object({ ms: t.Number({ default: 3000 }) }) });

export default app;
