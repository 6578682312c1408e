/**
 * Oak under the bus, on Deno: `deno run -A cli/main.ts serve examples/oak.ts`. There is no `app.listen()`:
 * the bus has the server. Node and Bun run it as well.
 * @module
 */
import { setTimeout as delay } from "node:timers/promises";
import { Application, Router } from "@oakserver/oak";
import type { ComponentHandle, ProcessBus } from "../mod.ts";

let db: ComponentHandle<string[]>;

/** What is used here is up before the server is, and stops after it. The array stands in for a database. */
export function setup(bus: ProcessBus): void {
  db = bus.use({ name: "db", start: () => [], stop: () => console.log("database closed") });
}

const router = new Router();

router.get("/", (context) => {
  context.response.body = `Hello from Oak, ${db.value.length} orders\n`;
});

router.post("/orders", async (context) => {
  const { item } = await context.request.body.json();
  db.value.push(item);
  context.response.status = 201;
  context.response.body = db.value;
});

router.get("/slow", async (context) => {
  await delay(Number(context.request.url.searchParams.get("ms") ?? 3000));
  context.response.body = `Slow, but here, ${db.value.length} orders\n`;
});

const app = new Application();
app.use(router.routes());
app.use(router.allowedMethods());

export default app;
