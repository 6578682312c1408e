/**
 * A module of Deno Deploy: its database opens with the first request, and closes within the 5 seconds after SIGINT.
 * @module
 */
import { ProcessBus } from "@sitebus/sitebus";
import { denoDeploy, fetchFunction } from "@sitebus/sitebus/fetch";

const bus = new ProcessBus({ name: "shop", platform: denoDeploy() });

const db = bus.use({
  name: "db",
  // Stands in for a client that connects.
  start: () => new Map([["tea", 3], ["milk", 2]]),
  stop: () => console.log("database closed"),
});

export default { fetch: fetchFunction(bus, () => Response.json(Object.fromEntries(db.value))) };
