// Fastify with a server of your own, for its WebSockets or HTTP/2. Run `node examples/fastify_server.ts`.
import { createServer } from "node:http";
import { setTimeout as delay } from "node:timers/promises";
import process from "node:process";
import Fastify, { type FastifyInstance } from "fastify";
import { ProcessBus } from "sitebus";
import { httpServer } from "sitebus/http";
import { native } from "sitebus/native";

const bus = new ProcessBus({ platform: native() });
const server = createServer();

// A closed application of Fastify answers 503 for ever, so that each start makes a new one, with the same server.
function create(): FastifyInstance {
  const app = Fastify({
    serverFactory: (handler) => server.removeAllListeners("request").on("request", handler),
  });
  app.get("/", () => "Hello\n");
  app.get("/slow", async () => {
    await delay(700);
    return "Slow, but here\n";
  });
  app.addHook("onClose", async () => console.log("fastify closed"));
  return app;
}

bus.use({
  name: "fastify",
  async start() {
    const app = create();
    await app.ready();
    return app;
  },
  stop: (app) => app.close(),
});

// In the place of `app.listen()`: it starts after the application, and has drained before that closes.
const web = bus.use(httpServer(server, { port: Number(process.argv[2] ?? 3000) }));

bus.subscribe("run", () => console.log(web.value.url));
await bus.run();
