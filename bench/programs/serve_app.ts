// The application that `sitebus serve` and bare srvx serve alike; what it says is when it can be asked.
import type { ProcessBus } from "../../mod.ts";
import { print } from "./_print.ts";

const app = { fetch: (_: Request): Response => new Response("Hello") };

export { app as default };

export function setup(bus: ProcessBus): void {
  bus.subscribe("run", () => print("ready"));
}
