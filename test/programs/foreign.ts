// Other code listens for SIGTERM, and calls process.exit while the bus stops.
import process from "node:process";
import { ProcessBus } from "../../mod.ts";
import { posix } from "../../platforms/posix.ts";
import { print } from "./_print.ts";

process.on("SIGTERM", function libraryOfSomebody() {
  setTimeout(() => {
    process.exit(9);
  }, 100);
});
const bus = new ProcessBus({ name: "program", platform: posix() });
bus.subscribe("run", () => print("ready"));
bus.subscribe("stop", (phase) => phase.delay(2000), { name: "close db" });
print(`code ${await bus.run()}`);
