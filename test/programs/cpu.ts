// Blocks a bus, and prints at the end how much CPU time the process used while it was blocked.
import process from "node:process";
import { ProcessBus } from "../../mod.ts";
import { posix } from "../../platforms/posix.ts";
import { print } from "./_print.ts";

const bus = new ProcessBus({ name: "program", platform: posix() });
let before = process.cpuUsage();
bus.subscribe("run", () => {
  setTimeout(() => {
    before = process.cpuUsage();
    print("measuring");
  }, 200);
});
bus.subscribe("drain", () => {
  const { user, system } = process.cpuUsage(before);
  print(`cpu ${Math.round((user + system) / 1000)}`);
});
await bus.run();
