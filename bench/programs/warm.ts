// A server of one application with a database that takes its time to open, made at the start or by its first request.
import process from "node:process";
import { serve } from "srvx";
import { httpServer } from "../../components/http.ts";
import { mount } from "../../components/lazy.ts";
import { type Guest, ProcessBus } from "../../mod.ts";
import { native } from "../../platforms/native.ts";

const [how = "warm"] = process.argv.slice(2);
const openMs = 100;

/** The application, which asks its database with each request. */
function shop(guest: Guest): (request: Request) => Promise<Response> {
  const db = guest.use({
    name: "db",
    async start() {
      await new Promise((resolve) => setTimeout(resolve, openMs));
      return new Map([["books", 3]]);
    },
  });
  return async (request) => {
    const { pathname } = new URL(request.url);
    return Response.json({
      pathname,
      books: await Promise.resolve(db.value.get("books")),
    });
  };
}

const bus = new ProcessBus({ name: "site", platform: native() });
const app = mount(bus, {
  "/": { load: () => Promise.resolve({ default: shop }), warm: how === "warm" },
});
const server = serve({
  fetch: app.fetch as (request: Request) => Promise<Response>,
  port: 0,
  manual: true,
  silent: true,
  gracefulShutdown: false,
});
const http = bus.use(httpServer(server, { port: 0, health: { bus } }));
const running = bus.run();
await bus.wait("run");
console.log(`ready ${http.value.port}`);
process.exitCode = await running;
