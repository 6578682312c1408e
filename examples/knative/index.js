/**
 * A function of Knative: its database opens before the host listens, and closes on SIGTERM.
 * @module
 */
import { ProcessBus } from "sitebus";
import { knative, knativeFunction } from "sitebus/knative";

// What the pod has after SIGTERM: `timeout` in func.yaml, 300 seconds where nobody says.
const bus = new ProcessBus({ name: "shop", platform: knative({ graceMs: 60_000 }) });

const db = bus.use({
  name: "db",
  // Stands in for a client that connects.
  start: () => new Map([["tea", 3], ["milk", 2]]),
  stop: () => console.log("database closed"),
});

export const { init, handle, shutdown, readiness } = knativeFunction(bus, () => Object.fromEntries(db.value));
