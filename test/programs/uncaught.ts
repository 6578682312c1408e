// Throws or rejects where nobody catches it, while it runs or while it stops.
import process from "node:process";
import { ProcessBus } from "../../mod.ts";
import { posix } from "../../platforms/posix.ts";
import { print } from "./_print.ts";

const [how, state] = process.argv.slice(2);
const uncaught = process.argv[4] !== "default";
const bus = new ProcessBus({ name: "program", platform: posix({ uncaught }) });
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
