/**
 * A Hono application with a database, served under the bus: `npx sitebus serve examples/hono.ts`, or the same with
 * `deno run -A cli/main.ts` or `bun cli/main.ts` before `serve`. Ask for /slow, press Ctrl-C meanwhile, and the
 * answer still comes, the database closes after it, and the exit code is 0.
 * @module
 */
import { Hono } from "hono";
import type { ComponentHandle, ProcessBus } from "../mod.ts";

/** Stands in for a database. */
class Database {
  readonly #visits = new Map<string, number>();

  /** Counts a visit. */
  async visit(page: string): Promise<number> {
    const visits = (this.#visits.get(page) ?? 0) + 1;
    await Promise.resolve(this.#visits.set(page, visits));
    return visits;
  }

  /** Takes what is pending to its end. */
  async close(): Promise<void> {
    await delay(10);
    console.log("database closed");
  }
}

let db: ComponentHandle<Database>;

/** Called before anything starts: what is used here is up before the server is, and stops after it. */
export function setup(bus: ProcessBus): void {
  db = bus.use({
    name: "db",
    async start() {
      await delay(20);
      console.log("database open");
      return new Database();
    },
    stop: (database) => database.close(),
  });
}

const app = new Hono();

app.get("/", async (c) => c.text(`Hello from sitebus, visit ${await db.value.visit("/")}\n`));

app.get("/slow", async (c) => {
  const ms = Math.min(Number(c.req.query("ms") ?? 3000), 30_000);
  await delay(ms);
  return c.text(`Slow, but here: visit ${await db.value.visit("/slow")} after ${ms} ms\n`);
});

app.get(
  "/visits/:page",
  async (c) => c.json({ page: c.req.param("page"), visits: await db.value.visit(c.req.param("page")) }),
);

app.post("/visits", async (c) => {
  const { page } = await c.req.json<{ page: string }>();
  return c.json({ page, visits: await db.value.visit(page) }, 201);
});

function delay(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

export default app;
