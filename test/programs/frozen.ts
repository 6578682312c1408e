// Stops in 800 ms of the 1000 that it has; the test freezes the process meanwhile.
import { ProcessBus } from "../../mod.ts";
import { posix } from "../../platforms/posix.ts";
import { print } from "./_print.ts";

const bus = new ProcessBus({ name: "program", platform: posix(), deadlines: { stop: 1000 } });
bus.subscribe("run", () => print("ready"));
bus.subscribe("stop", async () => {
  print("stopping");
  for (let i = 0; i < 8; i++) await new Promise((resolve) => setTimeout(resolve, 100));
  print("stopped in order");
});
print(`code ${await bus.run()}`);
