// Parts that start in the order of their dependencies and stop in the reverse. Run `node examples/components.ts`.
import { inline, ProcessBus, retry } from "sitebus";

const bus = new ProcessBus({ platform: inline() });

let tries = 0;
const db = bus.use({
  name: "db",
  // The database may need a moment longer than this program.
  start: retry(() => {
    if (++tries < 3) throw new Error("connection refused");
    console.log(`db: up after ${tries} tries`);
    return { query: (what: string) => `${what} of the database` };
  }, { within: 10_000, delay: 10 }),
  stop: () => console.log("db: down"),
});

// Does not depend on the database, and starts while that is still trying.
bus.use({ name: "cache", start: () => console.log("cache: up") });

bus.use({
  name: "mail",
  dependsOn: ["db"],
  start: () => console.log(`mail: up with ${db.value.query("the templates")}`),
  stop: () => console.log("mail: down"),
});

// After every component that does not say "all" itself: for what opens the others to the world.
bus.use({
  name: "web",
  dependsOn: "all",
  start: () => console.log("web: up"),
  drain: () => console.log("web: takes no more work"),
  stop: () => console.log("web: down"),
});

// What has a dispose method is a component too; it is disposed of at the stop.
bus.use({ [Symbol.dispose]: () => console.log("file: closed") }, { name: "file" });

await bus.start();
await bus.exit();
