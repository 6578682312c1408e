// What signals do, and what a listener makes of its time. Run `node examples/stop_on_signal.ts`, then Ctrl-C, once or twice.
import process from "node:process";
import { ProcessBus } from "sitebus";
import { native } from "sitebus/native";

const pageMs = Number(process.argv[2] ?? 100) / 5;
const bus = new ProcessBus({
  // SIGHUP ends the run, and the process stays.
  platform: native({ signals: { SIGHUP: "stop" } }),
  deadlines: { stop: 15_000 },
});

bus.subscribe(
  "log",
  ({ level, message }) => (level === "warn" || level === "error") && console.log(`${level}: ${message}`),
);
// Told of every signal that is armed, at once, whatever the bus does about it.
bus.subscribe("signal", ({ name }) => console.log(`told of ${name}`));
bus.subscribe("run", () => console.log(`ready, process ${process.pid}`));

bus.subscribe("stop", async function print(phase) {
  console.log(`stops because of ${phase.reason.name}`);
  for (let page = 1; page <= 5; page++) {
    // Shortly before the deadline the signal aborts: there is time to leave things in order.
    if (phase.signal.aborted) return console.log(`page ${page} has to wait`);
    await new Promise((resolve) => setTimeout(resolve, pageMs));
    console.log(`page ${page}`);
  }
});
bus.subscribe("idle", ({ from, reason }) => {
  if (from === "stop" && reason.name === "SIGHUP") console.log("rests, and may start again");
});

console.log(`exit code ${await bus.run()}`);
