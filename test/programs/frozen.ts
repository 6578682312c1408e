// Needs 800 ms of 1000 to stop, in eight steps. The test freezes the process shortly before the last step.
import { ProcessBus } from "../../mod.ts";
import { posix } from "../../platforms/posix.ts";
import { print } from "./_print.ts";

const bus = new ProcessBus({ name: "program", platform: posix(), deadlines: { stop: 1000 } });
bus.subscribe("run", () => print("ready"));
bus.subscribe("stop", async () => {
  for (let step = 1; step <= 8; step++) {
    await new Promise((resolve) => setTimeout(resolve, 100));
    print(`step ${step}`);
  }
  print("stopped in order");
});
print(`code ${await bus.run()}`);
