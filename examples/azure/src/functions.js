/**
 * An app of Azure Functions: its database opens with the app, and closes before the worker ends.
 * @module
 */
import { app } from "@azure/functions";
import { ProcessBus } from "sitebus";
import { azure, functionApp } from "sitebus/azure";

const bus = new ProcessBus({ name: "shop", platform: azure() });

const db = bus.use({
  name: "db",
  // Stands in for a client that connects.
  start: () => new Map([["tea", 3], ["milk", 2]]),
  stop: () => console.log("database closed"),
});

// All functions of the app wait until the bus runs.
functionApp(bus, app);

app.http("items", { handler: () => ({ jsonBody: Object.fromEntries(db.value) }) });

app.storageQueue("orders", {
  queueName: "orders",
  connection: "AzureWebJobsStorage",
  // Where the bus does not run, the message goes back into the queue.
  handler: (order) => `${db.value.get(order)} of ${order} left`,
});
