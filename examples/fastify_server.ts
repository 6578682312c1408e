// Fastify with the server that it made itself, for its WebSockets or HTTP/2. Run `node examples/fastify_server.ts`.
import { setTimeout as delay } from "node:timers/promises";
import process from "node:process";
import Fastify from "fastify";
import { ProcessBus } from "sitebus";
import { httpServer } from "sitebus/http";
import { native } from "sitebus/native";

const bus = new ProcessBus({ platform: native() });
const app = Fastify();

app.get("/slow", async () => {
  await delay(700);
  return "Slow, but here\n";
});
app.addHook("onClose", async () => console.log("fastify closed"));

bus.use({
  name: "fastify",
  start: async () => void await app.ready(),
  stop: () => app.close(),
});

// In the place of `app.listen()`: it starts after the application, and has drained before that closes.
const web = bus.use(httpServer(app.server, { port: Number(process.argv[2] ?? 3000) }));

bus.subscribe("run", () => console.log(web.value.url));
await bus.run();
