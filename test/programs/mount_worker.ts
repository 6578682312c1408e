/**
 * A Worker for tests, with several applications behind one function, which start with its bus.
 * @module
 */
import { type Guest, ProcessBus } from "../../mod.ts";
import { mount } from "../../components/lazy.ts";
import { cloudflare, type ServerlessChannels, worker } from "../../platforms/cloudflare.ts";

interface Env {
  readonly SELF: { fetch(url: string): Promise<Response> };
}

const seen = { made: [] as string[], opened: 0, refused: "" };

const bus = new ProcessBus<ServerlessChannels>({ platform: cloudflare({}) });

function shop(guest: Guest) {
  seen.made.push("shop");
  const db = guest.use({
    name: "db",
    async start() {
      await new Promise((resolve) => setTimeout(resolve, 200));
      return ++seen.opened;
    },
  });
  return async (_request: object, env: Env) => {
    const pong = await (await env.SELF.fetch("http://worker/pong")).text();
    return Response.json({ db: db.value, pong });
  };
}

function broken(): never {
  seen.made.push("broken");
  throw new Error("broken on purpose");
}

const app = mount<[Env, ...unknown[]]>(bus as unknown as ProcessBus, {
  "/shop": { load: () => Promise.resolve({ default: shop as never }), warm: true },
  "/broken": { load: () => Promise.resolve({ default: broken }), warm: true },
  "/pong": { load: () => Promise.resolve({ default: () => () => new Response("pong") }), warm: true },
});
try {
  mount(bus as unknown as ProcessBus, { "/late": { load: () => Promise.resolve({ default: broken }) } });
} catch (error) {
  seen.refused = String(error);
}

const served = worker(bus, { fetch: (request, env: Env) => app.fetch(request, env) });

export default {
  fetch(request: Request, env: Env, context: never): Response | Promise<Response> {
    if (new URL(request.url).pathname === "/report") return Response.json(seen);
    return served.fetch(request as never, env, context) as Promise<Response>;
  },
};
