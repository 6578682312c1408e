/**
 * H3 under the bus: `npx sitebus serve examples/h3.ts`. An application of H3 has a fetch function, so it is exported as
 * it is, without H3's `serve()`. For Nitro see examples/nitro.
 * @module
 */
import { setTimeout as delay } from "node:timers/promises";
import { getQuery, H3 } from "h3";
import type { ComponentHandle, ProcessBus } from "../mod.ts";

let db: ComponentHandle<string[]>;

/** What is used here is up before the server is, and stops after it. The array stands in for a database. */
export function setup(bus: ProcessBus): void {
  db = bus.use({ name: "db", start: () => [], stop: () => console.log("database closed") });
}

const app = new H3();

app.get("/", () => `Hello from H3, ${db.value.length} orders\n`);

app.post("/orders", async (event) => {
  const { item } = await event.req.json() as { item: string };
  db.value.push(item);
  event.res.status = 201;
  return db.value;
});

app.get("/slow", async (event) => {
  await delay(Number(getQuery(event)["ms"] ?? 3000));
  return `Slow, but here, ${db.value.length} orders\n`;
});

export default app;
