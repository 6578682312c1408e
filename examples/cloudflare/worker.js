/**
 * A Worker whose database client is made once, before its first request: `examples/cloudflare/README.md` says how it is
 * run.
 * @module
 */
import { env } from "cloudflare:workers";
import { ProcessBus } from "sitebus";
import { cloudflare, worker } from "sitebus/cloudflare";

const bus = new ProcessBus({ name: "shop", platform: cloudflare() });

// D1 is asked over the request that asks it, so that the client may serve all of them. A socket may not.
const shop = bus.use({
  name: "shop",
  async start() {
    const { version } = await env.DB.prepare("SELECT max(version) AS version FROM migrations").first();
    if (version === null) throw new Error("Cannot open the shop: its database has no tables yet");
    const items = env.DB.prepare("SELECT name, count FROM items ORDER BY name");
    return { version, items: () => items.all() };
  },
});

// Nobody says when a Worker ends: what it counts is written after each request, beside the answer.
let visits = 0;
bus.subscribe("flush", async () => {
  if (visits === 0) return;
  const count = visits;
  visits = 0;
  try {
    await env.DB.prepare("UPDATE visits SET count = count + ?").bind(count).run();
  } catch (error) {
    // The next one writes these too.
    visits += count;
    throw error;
  }
});

export default worker(bus, {
  async fetch() {
    visits++;
    const { results } = await shop.value.items();
    return Response.json({ version: shop.value.version, items: results });
  },
  async scheduled() {
    await env.DB.prepare("DELETE FROM items WHERE count = 0").run();
  },
});
