// What one writes by hand: a listener of the signal, and a timer that forces the end.
import process from "node:process";
import { graceMs, stayAlive, stop } from "./_stop.ts";

process.on("SIGTERM", async () => {
  const stopped = stop();
  setTimeout(() => process.exit(1), graceMs);
  await stopped;
  process.exit(0);
});
stayAlive();
