// The bus: the first stop listener.
import { ProcessBus } from "../../mod.ts";
import { posix } from "../../platforms/posix.ts";
import { print } from "./_print.ts";
import { graceMs, stop } from "./_stop.ts";

const bus = new ProcessBus({
  name: "bench",
  platform: posix(),
  deadlines: { stop: graceMs },
});
let signalledAt = 0;
bus.subscribe("signal", () => {
  signalledAt = performance.now();
});
bus.subscribe("stop", () => stop(signalledAt));
bus.subscribe("run", () => print("ready"));
await bus.run();
