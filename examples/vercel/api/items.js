/**
 * A function of Vercel: its database opens with the first request, and closes within the 500 ms after SIGTERM.
 * @module
 */
import { ProcessBus } from "sitebus";
import { fetchFunction, vercel } from "sitebus/fetch";

const bus = new ProcessBus({ name: "shop", platform: vercel() });

const db = bus.use({
  name: "db",
  // Stands in for a client that connects.
  start: () => new Map([["tea", 3], ["milk", 2]]),
  stop: () => console.log("database closed"),
});

export default {
  fetch: fetchFunction(bus, (request, _host, invocation) => {
    // Goes on after the answer: Vercel keeps the instance for it, and the stop waits for it.
    invocation.waitUntil(count(new URL(request.url).pathname));
    return Response.json(Object.fromEntries(db.value));
  }),
};

async function count(path) {
  await new Promise((resolve) => setTimeout(resolve, 50));
  console.log(`${path} was visited`);
}
