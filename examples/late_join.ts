// A component that comes while the bus runs, and goes before it stops. Run `node examples/late_join.ts`.
import { inline, ProcessBus } from "sitebus";

const bus = new ProcessBus({ platform: inline() });
bus.use({ name: "db", start: () => "connection", stop: () => console.log("db stops") });
await bus.start();

// The first request for the reports: only now are they needed.
const reports = bus.use({
  name: "reports",
  dependsOn: ["db"],
  start: () => ["January", "February"],
  stop: () => console.log("reports stop"),
});
console.log(`reports of ${(await reports.ready).join(" and ")}`);

// One that cannot start is no reason to stop the others.
const broken = bus.use({ name: "broken", start: () => Promise.reject(new Error("no such host")) });
await broken.ready.catch((error: Error) => console.log(`broken: ${error.message}`));
console.log(`the bus is in "${bus.state}"`);

await reports.remove();
console.log(`reports are ${reports.status}`);
await bus.exit();
