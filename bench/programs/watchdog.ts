// A bus that is blocked, without a watchdog, with one for its stop, or with one at any time. Arguments: which, and
// milliseconds. Its stop never gives the thread back.
import process from "node:process";
import { ProcessBus } from "../../mod.ts";
import { watchdog } from "../../components/os.ts";
import { posix } from "../../platforms/posix.ts";
import { print } from "./_print.ts";

const [which = "without", ms = "3000"] = process.argv.slice(2);
const bus = new ProcessBus({
  name: "bench",
  platform: posix(),
  deadlines: { stop: 1000 },
});
if (which !== "without") {
  bus.use(watchdog(bus, which === "always" ? { stuckMs: Number(ms) } : {}));
}
bus.subscribe("stop", () => {
  print("stopping");
  for (;;);
});
await bus.start();
print("ready");
await bus.block();
