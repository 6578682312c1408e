/**
 * Fastify under the bus: `npx sitebus serve examples/fastify.ts`. The application is a component, so that its plug-ins
 * load before the server listens, and its `onClose` hooks run when the server has stopped and the database still lives.
 * @module
 */
import type { IncomingMessage, ServerResponse } from "node:http";
import { setTimeout as delay } from "node:timers/promises";
import Fastify, { type FastifyInstance } from "fastify";
import type { ComponentHandle, ProcessBus } from "../mod.ts";

let db: ComponentHandle<string[]>;
let fastify: ComponentHandle<FastifyInstance>;

/** Called before anything starts. The array stands in for a database. */
export function setup(bus: ProcessBus): void {
  db = bus.use({ name: "db", start: () => [], stop: () => console.log("database closed") });
  fastify = bus.use({
    name: "fastify",
    dependsOn: ["db"],
    async start() {
      const created = create();
      await created.ready();
      return created;
    },
    stop: (created) => created.close(),
  });
}

function create(): FastifyInstance {
  const app = Fastify();

  app.addHook("onClose", async () => console.log(`fastify closed, ${db.value.length} orders`));

  app.get("/", () => `Hello from Fastify, ${db.value.length} orders\n`);

  app.post<{ Body: { item: string } }>("/orders", (request, reply) => {
    db.value.push(request.body.item);
    return reply.code(201).send(db.value);
  });

  app.get<{ Querystring: { ms?: string } }>("/slow", async (request) => {
    await delay(Number(request.query.ms ?? 3000));
    return `Slow, but here, ${db.value.length} orders\n`;
  });

  return app;
}

export default { node: (req: IncomingMessage, res: ServerResponse) => fastify.value.routing(req, res) };
