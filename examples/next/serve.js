/**
 * Next.js under the bus, in the place of `next start`. Copy the folder of examples/next/serve.js, then there:
 * `npm install && npm install sitebus && npx next build && npx sitebus serve serve.js`
 * @module
 */
import next from "next";

let app;

/** Called before anything starts: what is used here is up before the server is, and stops after it. */
export function setup(bus) {
  bus.use({
    name: "db",
    // Next.js bundles its routes: a module that they share with this one would be there twice, what is global is not.
    start: () => void (globalThis.orders = []),
    stop: () => console.log("database closed"),
  });
  app = bus.use({
    name: "next",
    dependsOn: ["db"],
    async start() {
      const created = next({ dev: false, dir: import.meta.dirname });
      await created.prepare();
      return created;
    },
    // It waits for what `after()` has yet to do. Next.js takes none of that any more in this process: after `graceful`,
    // a route that calls `after()` answers 500. Restart the process in its place.
    stop: (created) => created.close(),
  });
}

export default { node: (req, res) => app.value.getRequestHandler()(req, res) };
