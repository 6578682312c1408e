// Needs very long to stop, and ignores the phase's signal.
import process from "node:process";
import { ProcessBus } from "../../mod.ts";
import { posix } from "../../platforms/posix.ts";
import { print } from "./_print.ts";

const bus = new ProcessBus({ name: "program", platform: posix() });
bus.subscribe("run", () => print("ready"));
bus.subscribe("stop", () => {
  print("stopping");
  return new Promise((resolve) => setTimeout(resolve, Number(process.argv[2])));
}, { name: "close db" });
print(`code ${await bus.run()}`);
