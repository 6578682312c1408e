/**
 * A function of Cloud Run: its database opens once, before the first request, and closes before the instance ends.
 * @module
 */
import { http } from "@google-cloud/functions-framework";
import { ProcessBus } from "sitebus";
import { google, httpFunction } from "sitebus/google";

const bus = new ProcessBus({ name: "shop", platform: google() });

const db = bus.use({
  name: "db",
  // Stands in for a client that connects.
  start: () => new Map([["tea", 3], ["milk", 2]]),
  stop: () => console.log("database closed"),
});

let visits = 0;
bus.subscribe("flush", () => console.log(`${visits} visits written`));

http(
  "shop",
  httpFunction(bus, (_request, response) => {
    visits++;
    response.json(Object.fromEntries(db.value));
  }),
);

// The instance gets traffic when the database is open. Without this line the first request opens it.
await bus.start();
