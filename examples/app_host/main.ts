// Two applications behind one server: one is warm, one is loaded when it is first asked for.
import process from "node:process";
import { ProcessBus } from "sitebus";
import { httpServer } from "sitebus/http";
import { mount } from "sitebus/lazy";
import { native } from "sitebus/native";
import { serve } from "srvx";

const bus = new ProcessBus({ platform: native() });

const app = mount(bus, {
  "/shop": { load: () => import("./shop.ts"), warm: true, rights: ["reload"] },
  "/blog": { load: () => import("./blog.ts"), idleMs: Number(process.argv[3] ?? 60_000) },
  "/": { load: async () => ({ default: () => () => new Response("see /shop and /blog\n") }) },
});

const server = serve({ fetch: app.fetch, manual: true, gracefulShutdown: false });
const http = bus.use(httpServer(server, { port: Number(process.argv[2] ?? 3000) }));
bus.subscribe("run", () => console.log(http.value.url));
await bus.run();
