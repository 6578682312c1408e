// A start that fails: what is up is stopped, and the exit code is 70. Run `node examples/failed_start.ts; echo $?`.
import { ProcessBus } from "sitebus";
import { native } from "sitebus/native";

const bus = new ProcessBus({ platform: native() });
bus.subscribe("log", ({ level, message }) => level === "error" && console.log(`error: ${message}`));

bus.use({ name: "db", start: () => console.log("db starts"), stop: () => console.log("db stops") });
bus.use({
  name: "web",
  dependsOn: ["db"],
  start: () => Promise.reject(new Error("Cannot listen on port 80: permission denied")),
  stop: () => console.log("never: it did not start"),
});
await bus.run();
