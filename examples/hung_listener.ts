// A listener that never ends: it is named, and the process ends all the same. Run `node examples/hung_listener.ts`.
import { ProcessBus } from "sitebus";
import { native } from "sitebus/native";

const bus = new ProcessBus({ platform: native(), deadlines: { stop: 500 } });
// One line a record; without a log listener, warnings and errors go to the standard error with their stacks.
bus.subscribe(
  "log",
  ({ level, message }) => (level === "warn" || level === "error") && console.log(`${level}: ${message}`),
);

bus.subscribe("stop", () => new Promise(() => {}), { name: "flush metrics" });
bus.subscribe("exit", () => console.log("the exit listeners run all the same"));
bus.subscribe("run", (phase) => phase.request("exit"));
await bus.run();
