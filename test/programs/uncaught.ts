// Causes an uncaught exception or an unhandled rejection, while the bus runs or stops.
import process from "node:process";
import { ProcessBus } from "../../mod.ts";
import { posix } from "../../platforms/posix.ts";
import { print } from "./_print.ts";

const [how, state] = process.argv.slice(2);
const kinds = process.argv[4];
const uncaught = kinds === "exception" || kinds === "rejection" ? { [kinds]: true } : kinds !== "default";
const platform = posix({ uncaught });
const bus = new ProcessBus({ name: "program", platform });
bus.subscribe("log", ({ event, kind }) => event === "uncaught" && print(`uncaught ${kind}`));
bus.subscribe("log", (record) => platform.report(record));
const fault = () => {
  const error = new Error(`nobody's ${how}`, { cause: new TypeError("the cause") });
  setTimeout(() => {
    if (how === "throw") throw error;
    void Promise.reject(error);
  });
};
bus.subscribe("stop", async (phase) => {
  if (state === "stop") fault();
  await phase.delay(200);
  print("stopped in order");
});
const running = bus.run();
await bus.wait("run");
if (state === "stop") void bus.exit();
else fault();
print(`code ${await running}`);
