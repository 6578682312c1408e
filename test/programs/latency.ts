// Prints the time when its first stop listener runs. The test knows the time of the signal.
import { ProcessBus } from "../../mod.ts";
import { posix } from "../../platforms/posix.ts";
import { print } from "./_print.ts";

const bus = new ProcessBus({ name: "program", platform: posix() });
bus.subscribe("stop", () => print(`stopping ${performance.timeOrigin + performance.now()}`), {
  priority: -Infinity,
});
bus.subscribe("run", () => print("ready"));
await bus.run();
