// The same behind a bus.
import { ProcessBus } from "../../mod.ts";
import { cloudflare, worker } from "../../platforms/cloudflare.ts";

const bus = new ProcessBus({ platform: cloudflare() });
const made = bus.use({ name: "made", start: async () => "hello" });

export default worker(bus, { fetch: () => new Response(made.value) });
