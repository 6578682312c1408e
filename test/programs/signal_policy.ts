// Takes as many milliseconds to stop as its first argument says, with the options of the second one.
import process from "node:process";
import { ProcessBus } from "../../mod.ts";
import { posix } from "../../platforms/posix.ts";
import { print } from "./_print.ts";

const [ms, options = "{}", failing] = process.argv.slice(2);
const bus = new ProcessBus({ name: "program", platform: posix(JSON.parse(options)) });
bus.subscribe("run", () => print("ready"));
bus.subscribe("stop", async (phase) => {
  print("stopping");
  await phase.delay(Number(ms));
  print("stopped in order");
  if (failing) throw new Error("as the test wants it");
});
const running = bus.run();
process.on("SIGINT", () => {}); // a listener of other code must not keep the process alive
print(`code ${await running}`);
